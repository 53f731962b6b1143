import type { Headwater, TableDump, TableReport } from 'headwater';

import type { ServerConfig } from '../config.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import type { Log } from '../log.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { checkFiles, openFile, refusedImport, runImport } from './import-files.ts';
import { formatOf } from './import-events.ts';
import { createProgress, formatCount } from './import-progress.ts';

export interface ImportTablesArguments {
  /** The URL of the database that the tables are in. */
  readonly from?: string;
  readonly schema?: string;
  /** Files of the tables. */
  readonly invitations?: string;
  readonly codes?: string;
  readonly usages?: string;
  readonly dryRun?: boolean;
  readonly workspace?: string;
}

type System = 'usher' | 'phoenix-kit';

/** Imports the tables of another system, and prints what became of each. */
export async function importTables(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  input: ImportTablesArguments & { readonly system: System },
): Promise<void> {
  const paths = { invitations: input.invitations, codes: input.codes, usages: input.usages };
  const files = Object.values(paths).filter((path) => path !== undefined);
  if ((input.from === undefined) === (files.length === 0))
    throw new CommandFailure(
      'give files, or --from with a database, and not both',
      exitCodes.misused,
    );
  checkFiles(files);
  let rejected = 0;
  let isStopped = false;
  await runImport(config, log, input, async (hw, workspaceId, signal) => {
    const dump = (path: string | undefined): TableDump | undefined =>
      path === undefined
        ? undefined
        : { stream: openFile(path, signal).stream, ...formatOf(path, {}) };
    const progress = createProgress({ name: input.system, share: () => undefined }, 'rows');
    const options = {
      workspaceId,
      signal,
      dryRun: input.dryRun === true,
      onProgress: (
        _table: string,
        { rows, imported }: TableReport | { rows: number; imported: number },
      ) => progress.show(rows, imported),
      onRejected: (table: string, row: { line: number; field: string; message: string }) => {
        progress.end();
        process.stderr.write(`${table}:${row.line}: ${row.field} ${row.message}\n`);
      },
    };
    const database =
      input.from === undefined
        ? undefined
        : { database: input.from, ...(input.schema !== undefined && { schema: input.schema }) };
    const result = await importFrom(hw, input.system, { database, paths, dump, options }).finally(
      () => progress.end(),
    );
    if (!result.ok) throw refusedImport(result);
    const { dryRun, ...tables } = result.value;
    const reports = Object.entries(tables);
    terminal.print(
      terminal.json
        ? JSON.stringify({ dry_run: dryRun, ...Object.fromEntries(reports.map(toJson)) })
        : format(reports, dryRun),
    );
    rejected = reports.reduce((sum, [, report]) => sum + report.rejected, 0);
    isStopped = reports.some(([, report]) => report.ended === 'stopped');
  });
  if (isStopped)
    throw new CommandFailure(
      'stopped; the same command goes on where it was',
      exitCodes.interrupted,
    );
  if (rejected > 0)
    throw new CommandFailure(
      `${formatCount(rejected)} ${rejected === 1 ? 'row' : 'rows'} ${
        input.dryRun === true ? 'would be rejected' : 'rejected; the others are imported'
      }`,
    );
}

function importFrom(
  hw: Headwater,
  system: System,
  {
    database,
    paths,
    dump,
    options,
  }: {
    readonly database: { readonly database: string; readonly schema?: string } | undefined;
    readonly paths: Readonly<Record<'invitations' | 'codes' | 'usages', string | undefined>>;
    readonly dump: (path: string | undefined) => TableDump | undefined;
    readonly options: Parameters<Headwater['imports']['usher']>[1];
  },
) {
  const usages = dump(paths.usages);
  return system === 'usher'
    ? hw.imports.usher(database ?? { invitations: dump(paths.invitations), usages }, options)
    : hw.imports.phoenixKit(database ?? { codes: dump(paths.codes), usages }, options);
}

function format(reports: ReadonlyArray<readonly [string, TableReport]>, dryRun: boolean): string {
  const summary = formatTable(
    ['table', 'rows', dryRun ? 'importable' : 'imported', 'already there', 'rejected'],
    reports.map(([table, report]) => [
      table,
      formatCount(report.rows),
      formatCount(dryRun ? report.importable : report.imported),
      formatCount(report.alreadyThere),
      formatCount(report.rejected),
    ]),
  );
  const problems = reports.flatMap(([table, report]) =>
    report.problems.map(
      ({ field, message, rows, firstLine }) =>
        `${table}: ${field} ${message} (${formatCount(rows)}, first on line ${firstLine})`,
    ),
  );
  return [summary, ...problems].join('\n');
}

function toJson([table, report]: readonly [string, TableReport]): [string, unknown] {
  const { alreadyThere, problems, ...counts } = report;
  return [
    table,
    {
      ...counts,
      already_there: alreadyThere,
      problems: problems.map(({ firstLine, ...problem }) => ({
        ...problem,
        first_line: firstLine,
      })),
    },
  ];
}
