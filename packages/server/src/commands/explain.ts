import { explainSource } from 'headwater';
import { toExplanationResponse } from 'headwater/contract';

import type { ServerConfig } from '../config.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export interface ExplainArguments {
  readonly url: string;
  readonly referrer?: string;
  readonly userAgent?: string;
}

/** Says where an arrival comes from by the built-in rules, and why. Rules of a workspace are the REST API's to explain. */
export function explain(config: ServerConfig, terminal: Terminal, input: ExplainArguments): void {
  const { links, ownHosts = [] } = config.engine;
  const explained = toExplanationResponse(
    explainSource({ ...input, ownHosts: new Set([...(links?.domains ?? []), ...ownHosts]) }),
  );
  terminal.print(terminal.json ? JSON.stringify(explained) : toText(explained));
}

function toText({ source, rules, channels }: ReturnType<typeof toExplanationResponse>): string {
  const known = Object.entries(source).filter(([, value]) => value !== null);
  return [
    formatTable(
      ['decision', ''],
      known.map(([field, value]) => [field, value ?? '']),
    ),
    formatTable(
      ['rule', 'outcome', 'gave', 'why'],
      rules.map(({ rule, outcome, gave, reason }) => [
        rule,
        outcome.replace('_', ' '),
        gave.join(', '),
        reason,
      ]),
    ),
    formatTable(
      ['channel', '', 'why'],
      channels.map(({ channel, matched, reason }) => [channel, matched ? 'matched' : '', reason]),
    ),
  ].join('\n\n');
}
