import { readFileSync } from 'node:fs';

import type { ImportLinksReport, LinkSource } from 'headwater';
import { toImportLinksResponse } from 'headwater/contract';

import type { ServerConfig } from '../config.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import type { Log } from '../log.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { checkFiles, refusedImport, runImport } from './import-files.ts';
import { createProgress, formatCount } from './import-progress.ts';
import { actor } from './links.ts';

export interface ImportLinksArguments {
  readonly from: LinkSource;
  readonly domain?: string;
  readonly update?: boolean;
  readonly dryRun?: boolean;
  readonly workspace?: string;
}

/** Imports the links of a file, and says of each row what became of it. */
export async function importLinkFile(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  input: ImportLinksArguments & { readonly file: string },
): Promise<void> {
  checkFiles([input.file]);
  const content = readFileSync(input.file === '-' ? 0 : input.file, 'utf8');
  let share = 0;
  const progress = createProgress({ name: input.file, share: () => share }, 'rows');
  const report = await runImport(config, log, input, async (hw, workspaceId, signal) => {
    const result = await hw.imports
      .links(
        {
          from: input.from,
          content,
          domain: input.domain,
          onExisting: input.update === true ? 'update' : 'skip',
          dryRun: input.dryRun === true,
        },
        {
          workspaceId,
          actor,
          signal,
          onProgress(done, total) {
            share = done / total;
            progress.show(done, done);
          },
        },
      )
      .finally(() => progress.end());
    if (!result.ok) throw refusedImport(result);
    return result.value;
  });
  terminal.print(terminal.json ? JSON.stringify(toImportLinksResponse(report)) : format(report));
  if (report.stopped)
    throw new CommandFailure(
      'stopped; the same command goes on where it was',
      exitCodes.interrupted,
    );
  const { refused } = report.counts;
  if (refused > 0)
    throw new CommandFailure(
      `${formatCount(refused)} ${refused === 1 ? 'row' : 'rows'} ${
        report.dryRun ? 'would be refused' : 'refused; the others are imported'
      }`,
    );
}

/** Every row in a dry run; else those that somebody has to look at. */
function format(report: ImportLinksReport): string {
  const shown = report.links.filter(
    ({ outcome, notes }) => report.dryRun || outcome === 'refused' || notes.length > 0,
  );
  const rows = shown.map(({ row, outcome, domain, key, refusal, notes }) => [
    String(row),
    outcome,
    `${domain ?? ''}/${key ?? ''}`,
    [...(refusal === undefined ? [] : [rulesOf(refusal.errors)]), ...notes].join('; '),
  ]);
  const counts = Object.entries(report.counts)
    .map(([outcome, count]) => `${formatCount(count)} ${outcome}`)
    .join(', ');
  const ignored = report.ignoredColumns;
  return [
    ...(rows.length === 0 ? [] : [formatTable(['row', 'outcome', 'link', 'why'], rows)]),
    report.dryRun ? `would be: ${counts}` : counts,
    ...(ignored.length === 0 ? [] : [`nothing was made of: ${ignored.join(', ')}`]),
  ].join('\n');
}

function rulesOf(errors: Readonly<Record<string, readonly string[]>> = {}): string {
  return Object.entries(errors)
    .map(([field, rules]) => `${field} ${rules.join(', ')}`)
    .join('; ');
}
