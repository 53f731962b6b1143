import { readFileSync } from 'node:fs';

import type { EventMapping, EventsReport, Headwater } from 'headwater';

import type { ServerConfig } from '../config.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import type { Log } from '../log.ts';
import type { Terminal } from '../terminal.ts';
import { formatEventsReport, toEventsJson } from './events-text.ts';
import { checkFiles, openFile, refusedImport, runImport } from './import-files.ts';
import type { ImportFile } from './import-files.ts';
import { createProgress, formatCount } from './import-progress.ts';

export interface ImportEventsArguments {
  readonly format?: 'csv' | 'ndjson';
  /** The path of the mapping. */
  readonly map?: string;
  readonly delimiter?: string;
  readonly dryRun?: boolean;
  readonly workspace?: string;
}

/** Imports the files one after the other, and prints what became of each. */
export async function importEventFiles(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  input: ImportEventsArguments & { readonly files: readonly string[] },
): Promise<void> {
  checkFiles(input.files);
  const formats = input.files.map((path) => formatOf(path, input));
  const map = input.map === undefined ? undefined : readMap(input.map);
  let rejected = 0;
  await runImport(config, log, input, async (hw, workspaceId, signal) => {
    for (const [index, path] of input.files.entries()) {
      const file = openFile(path, signal);
      const report = await importFile(hw, file, {
        ...formats[index]!,
        ...(map !== undefined && { map }),
        dryRun: input.dryRun === true,
        workspaceId,
        signal,
      });
      terminal.print(
        terminal.json
          ? JSON.stringify(toEventsJson(file.name, report))
          : formatEventsReport(file.name, report),
      );
      checkEnd(file, report);
      rejected += report.rejected;
    }
  });
  if (rejected > 0)
    throw new CommandFailure(
      `${formatCount(rejected)} ${rejected === 1 ? 'row' : 'rows'} ` +
        (input.dryRun === true
          ? 'would be rejected'
          : `${rejected === 1 ? 'was' : 'were'} rejected; the others are imported`),
    );
}

async function importFile(
  hw: Headwater,
  file: ImportFile,
  options: Parameters<Headwater['imports']['events']>[1],
): Promise<EventsReport> {
  const progress = createProgress(file, 'rows');
  const result = await hw.imports
    .events(file.stream, {
      ...options,
      onProgress: ({ rows, imported }) => progress.show(rows, imported),
      onRejected: ({ line, field, message }) => {
        progress.end();
        process.stderr.write(`${file.name}:${line}: ${field} ${message}\n`);
      },
    })
    .finally(() => progress.end());
  if (!result.ok) throw refusedImport(result);
  return result.value;
}

function checkEnd(file: ImportFile, report: EventsReport): void {
  if (report.ended === 'stopped') {
    throw new CommandFailure(
      `stopped behind ${formatCount(report.rows)} rows of ${file.name}; the same command goes on where it was`,
      exitCodes.interrupted,
    );
  }
  if (report.ended === 'cut_off') {
    throw new CommandFailure(
      `${file.name} cannot be read behind its first ${formatCount(report.rows)} rows; what comes before is counted above`,
    );
  }
}

/** What is not said is told by the name of the file. */
export function formatOf(
  path: string,
  { format, delimiter }: Pick<ImportEventsArguments, 'format' | 'delimiter'>,
): { readonly format: 'csv' | 'ndjson'; readonly delimiter?: string } {
  const [, extension = ''] = /\.(csv|tsv|ndjson|jsonl)(?:\.gz)?$/i.exec(path.toLowerCase()) ?? [];
  if (format === undefined && extension === '')
    throw new CommandFailure(`--format: csv or ndjson, for ${path}`, exitCodes.misused);
  const separator = delimiter ?? (extension === 'tsv' ? '\t' : undefined);
  return {
    format: format ?? (/^[ct]sv$/.test(extension) ? 'csv' : 'ndjson'),
    ...(separator !== undefined && { delimiter: separator === '\\t' ? '\t' : separator }),
  };
}

function readMap(path: string): EventMapping {
  const text = readFileSync(path, 'utf8');
  try {
    // The engine checks what is in it.
    return JSON.parse(text) as EventMapping;
  } catch {
    throw new CommandFailure(`--map: ${path} is not JSON`, exitCodes.misused);
  }
}
