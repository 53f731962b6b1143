import type { AccessLogOptions, AccessLogReport, Headwater } from 'headwater';

import type { ServerConfig } from '../config.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import type { Log } from '../log.ts';
import type { Terminal } from '../terminal.ts';
import { formatAccessLogReport, toAccessLogJson } from './access-log-text.ts';
import { checkFiles, openFile, refusedImport, runImport } from './import-files.ts';
import type { ImportFile } from './import-files.ts';
import { createProgress, formatCount } from './import-progress.ts';

export interface ImportAccessLogArguments {
  readonly site?: string;
  readonly since?: string;
  readonly until?: string;
  readonly fromLine?: number;
  readonly dryRun?: boolean;
  readonly workspace?: string;
  readonly top: number;
}

/** Imports the files one after the other, and prints what became of each. */
export async function importAccessLogs(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  input: ImportAccessLogArguments & { readonly files: readonly string[] },
): Promise<void> {
  checkFiles(input.files);
  const options: AccessLogOptions = {
    ...(input.site !== undefined && { site: input.site }),
    ...(input.since !== undefined && { since: parseMoment('--since', input.since) }),
    ...(input.until !== undefined && { until: parseMoment('--until', input.until) }),
    dryRun: input.dryRun === true,
  };
  await runImport(config, log, input, async (hw, workspaceId, signal) => {
    let { site } = options;
    for (const [index, path] of input.files.entries()) {
      const file = openFile(path, signal);
      const report = await importFile(hw, file, {
        ...options,
        ...(site !== undefined && { site }),
        ...(index === 0 && input.fromLine !== undefined && { fromLine: input.fromLine }),
        workspaceId,
        signal,
      });
      // What the first file shows of the site is good for the rotated ones behind it.
      site ??= report.site?.origin;
      terminal.print(
        terminal.json
          ? JSON.stringify(toAccessLogJson(file.name, report))
          : formatAccessLogReport(file.name, report, input.top),
      );
      checkEnd(file, report, input.files.slice(index));
    }
  });
}

async function importFile(
  hw: Headwater,
  file: ImportFile,
  options: Parameters<Headwater['imports']['accessLog']>[1],
): Promise<AccessLogReport> {
  const progress = createProgress(file, 'lines');
  const result = await hw.imports
    .accessLog(file.stream, {
      ...options,
      onProgress: ({ lines, imported }) => progress.show(lines, imported),
    })
    .finally(() => progress.end());
  if (!result.ok) throw refusedImport(result);
  return result.value;
}

function checkEnd(file: ImportFile, report: AccessLogReport, rest: readonly string[]): void {
  if (report.ended === 'stopped') {
    throw new CommandFailure(
      `stopped before line ${report.nextLine} of ${file.name}. The same command goes on where it was` +
        (report.nextLine > 1
          ? `; faster with --from-line ${report.nextLine} and the files ${rest.join(' ')}`
          : ''),
      exitCodes.interrupted,
    );
  }
  if (report.ended === 'cut_off') {
    throw new CommandFailure(
      `${file.name} is cut off or damaged behind line ${report.lines}; what comes before is counted above`,
    );
  }
  if (report.rejected > 0 && report.rejected === report.lines - report.skipped) {
    throw new CommandFailure(
      `none of the ${formatCount(report.lines)} lines of ${file.name} is one of an access log`,
    );
  }
}

/**
 * A day, which begins at midnight UTC, or a moment with its zone.
 * @public
 */
export function parseMoment(option: string, text: string): Date {
  const isMoment =
    /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const date = new Date(text);
  const day = new Date(text.slice(0, 10)).getTime();
  // The platform takes 31 February for a day of March.
  const exists = !Number.isNaN(day) && new Date(day).toISOString().startsWith(text.slice(0, 10));
  if (!isMoment || !exists || Number.isNaN(date.getTime())) {
    throw new CommandFailure(
      `${option}: a day like 2026-01-31, or a moment like 2026-01-31T12:00:00+01:00`,
      exitCodes.misused,
    );
  }
  return date;
}
