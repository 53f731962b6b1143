import { explainAccessLogs } from 'headwater';
import type { DecidedArrivals, ExplainedAccessLog } from 'headwater';

import type { ServerConfig } from '../config.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { checkFiles, openFile, refusedImport } from './import-files.ts';
import { formatCount } from './import-progress.ts';

export interface ExplainLogArguments {
  readonly files: readonly string[];
  readonly site?: string;
}

/** Says for every way in which people arrive in access logs what the built-in rules decide. */
export async function explainLogs(
  config: ServerConfig,
  terminal: Terminal,
  { files, site }: ExplainLogArguments,
): Promise<void> {
  checkFiles(files);
  const { links, ownHosts = [] } = config.engine;
  const { signal } = new AbortController();
  const explained = await explainAccessLogs(
    files.map((path) => openFile(path, signal).stream),
    {
      ownHosts: new Set([...(links?.domains ?? []), ...ownHosts]),
      ...(site !== undefined && { site }),
    },
  );
  if (!explained.ok) throw refusedImport(explained);
  const { value } = explained;
  terminal.print(terminal.json ? JSON.stringify(toJson(value)) : toText(value));
  if (value.ended === 'cut_off')
    throw new CommandFailure(
      'a file is cut off or damaged; what comes before is in the table',
      exitCodes.failed,
    );
}

function toText({ site, lines, pageviews, machines, arrivals, further }: ExplainedAccessLog) {
  const about = [
    site === undefined
      ? 'of an unknown site: --site https://… tells its pages from where people came from'
      : `of ${site.origin}`,
    `${formatCount(pageviews)} page views of people, in ${formatCount(lines)} lines with ${formatCount(machines)} of machines`,
    ...(further > 0 ? [`${formatCount(further)} page views say something that is not listed`] : []),
  ];
  const rows = arrivals.map(({ evidence, decision, pageviews: views }) => [
    formatCount(views),
    decision.channel,
    decision.source ?? '',
    decision.medium ?? '',
    decision.rule,
    evidenceText(evidence),
  ]);
  return `${about.join('\n')}\n\n${formatTable(['page views', 'channel', 'source', 'medium', 'rule', 'what the arrivals say'], rows, [0])}`;
}

function evidenceText({
  referrerHost,
  tags,
  clickId,
  partner,
  inApp,
}: DecidedArrivals['evidence']): string {
  return [
    ...(referrerHost === undefined ? [] : [`from ${referrerHost}`]),
    ...Object.entries(tags).map(([tag, value]) => `utm_${tag}=${value}`),
    ...(clickId === undefined ? [] : [clickId]),
    ...(partner === undefined ? [] : [partner]),
    ...(inApp === undefined ? [] : [`in ${inApp}`]),
  ].join(', ');
}

function toJson({ site, arrivals, ...counts }: ExplainedAccessLog) {
  return {
    site: site?.origin ?? null,
    ...counts,
    arrivals: arrivals.map(({ evidence, decision, pageviews }) => ({
      pageviews,
      referrer_host: evidence.referrerHost ?? null,
      utm_source: evidence.tags.source ?? null,
      utm_medium: evidence.tags.medium ?? null,
      utm_campaign: evidence.tags.campaign ?? null,
      click_id: evidence.clickId ?? null,
      partner: evidence.partner ?? null,
      in_app: evidence.inApp ?? null,
      source: decision.source ?? null,
      medium: decision.medium ?? null,
      channel: decision.channel,
      kind: decision.kind,
      rule: decision.rule,
      rules_version: decision.rulesVersion,
    })),
  };
}
