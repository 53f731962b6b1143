import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Tx } from '../store/database.ts';
import type { RejectedRow } from './events-report.ts';
import type { FieldProblem } from './map-row.ts';
import { isBrokenPacking } from './read-input.ts';
import type { InputRefusal } from './read-input.ts';
import { MalformedInputError } from './read-rows.ts';
import type { InputRow } from './read-rows.ts';
import { countTable } from './table-report.ts';
import type { TableCounter, TableProgress, TableReport } from './table-report.ts';
import { readColumns } from './table-row.ts';
import type { RowReader } from './table-row.ts';
import { readTable } from './table-source.ts';
import type { TableDump, TableInDatabase } from './table-source.ts';

export interface TableImportOptions {
  /** Reads and checks, and writes nothing. @default false */
  readonly dryRun?: boolean;
  /** Ends the import between two rows; the same import goes on where it was. */
  readonly signal?: AbortSignal;
  /** Told of everything that is wrong, as it is found. */
  readonly onRejected?: (table: string, row: RejectedRow) => void;
  /** Called about once for every 500 rows. */
  readonly onProgress?: (table: string, progress: TableProgress) => void;
}

/** What became of a row that was written. */
export type Written = 'imported' | 'already_there' | readonly FieldProblem[];

/** How the rows of one table are taken in. */
export interface TableImport<Draft> {
  /** What the report calls it. */
  readonly name: string;
  readonly source: TableDump | TableInDatabase;
  /** Reads one row; what is wrong with it is with the reader. */
  readonly read: (row: RowReader) => Draft;
  /** Writes drafts in one transaction; an answer for each, in their order. */
  readonly write: (tx: Tx, drafts: readonly Draft[]) => Promise<readonly Written[]>;
  /** Of a dry run: what is wrong with a draft beside the others that were read. */
  readonly judge?: (draft: Draft) => readonly FieldProblem[];
}

const chunkSize = 500;

/** Takes in one table, chunk by chunk: what is wrong with a row does not touch its neighbours. */
export async function importTable<Draft>(
  context: Context,
  table: TableImport<Draft>,
  options: TableImportOptions,
): Promise<Result<TableReport, InputRefusal>> {
  const input = await readTable(table.source);
  if (!input.ok) return input;
  const counter = countTable((row) => options.onRejected?.(table.name, row));
  const chunk: Array<{ readonly line: number; readonly draft: Draft }> = [];
  const flush = async (): Promise<void> => {
    const sent = chunk.splice(0);
    if (sent.length > 0) await write(context, table, counter, sent);
    options.onProgress?.(table.name, counter.progress());
  };
  const ended = await takeAll(input.value, counter, options.signal, async (row) => {
    const taken = take(table, counter, row, options.dryRun === true);
    if (taken !== undefined) chunk.push(taken);
    if (chunk.length === chunkSize || counter.counts.rows % chunkSize === 0) await flush();
  });
  await flush();
  return ok(counter.finish(ended));
}

async function takeAll(
  rows: AsyncIterable<InputRow>,
  counter: TableCounter,
  signal: AbortSignal | undefined,
  each: (row: InputRow) => Promise<void>,
): Promise<TableReport['ended']> {
  const reading = rows[Symbol.asyncIterator]();
  for (;;) {
    let next: IteratorResult<InputRow>;
    // What reading met, apart from what writing throws.
    try {
      if (signal?.aborted === true) {
        await reading.return?.();
        return 'stopped';
      }
      next = await reading.next();
    } catch (error) {
      // A stream that the same signal closes ends like this.
      if (signal?.aborted === true) return 'stopped';
      if (isBrokenPacking(error)) return 'cut_off';
      if (!(error instanceof MalformedInputError)) throw error;
      counter.counts.rows += 1;
      counter.reject(error.line, [{ field: 'row', message: error.message }]);
      return 'cut_off';
    }
    if (next.done === true) return 'complete';
    await each(next.value);
  }
}

/** Counts one row; what is to be written of it. */
function take<Draft>(
  table: TableImport<Draft>,
  counter: TableCounter,
  { line, record, problem = 'cannot be read' }: InputRow,
  dryRun: boolean,
): { readonly line: number; readonly draft: Draft } | undefined {
  counter.counts.rows += 1;
  if (record === undefined) {
    counter.reject(line, [{ field: 'row', message: problem }]);
    return undefined;
  }
  const reader = readColumns(record);
  const draft = table.read(reader);
  const problems = [...reader.problems];
  if (dryRun && problems.length === 0) problems.push(...(table.judge?.(draft) ?? []));
  if (problems.length > 0) {
    counter.reject(line, problems);
    return undefined;
  }
  if (!dryRun) return { line, draft };
  counter.counts.importable += 1;
  return undefined;
}

async function write<Draft>(
  context: Context,
  table: TableImport<Draft>,
  counter: TableCounter,
  sent: ReadonlyArray<{ readonly line: number; readonly draft: Draft }>,
): Promise<void> {
  const answers = await context.database.db.transaction().execute((tx) =>
    table.write(
      tx,
      sent.map(({ draft }) => draft),
    ),
  );
  for (const [index, answer] of answers.entries()) {
    if (answer === 'imported') counter.counts.imported += 1;
    else if (answer === 'already_there') counter.counts.alreadyThere += 1;
    else counter.reject(sent[index]!.line, answer);
  }
}
