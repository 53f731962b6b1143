import { CsvError, parse } from 'csv-parse';

import { isRecord } from './event-mapping.ts';
import { feed, feedEnd } from './feed.ts';
import { readAhead } from './read-ahead.ts';
import type { ImportStream } from './read-input.ts';
import { readLines } from './read-lines.ts';

export type RowFormat = 'csv' | 'ndjson';

/** One row of an export: its fields, or why it has none. */
export interface InputRow {
  /** The line on which it begins. */
  readonly line: number;
  readonly record?: Readonly<Record<string, unknown>>;
  /** What makes the row the same in another run. */
  readonly content: Uint8Array;
  readonly problem?: string;
}

/** What cannot be read on: behind a quote that is not closed, nobody can tell rows apart. */
export class MalformedInputError extends Error {
  override readonly name = 'MalformedInputError';
  readonly line: number;

  constructor(line: number, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.line = line;
  }
}

const rowBytesMax = 1_048_576;

/** The rows of an export as they come, and the columns of its header where it has one. */
export async function readRows(
  stream: ImportStream,
  format: RowFormat,
  delimiter: string,
): Promise<{
  readonly columns: readonly string[] | undefined;
  readonly rows: AsyncIterable<InputRow>;
}> {
  if (format === 'ndjson') return { columns: undefined, rows: readNdjson(stream) };
  const { ahead, all } = await readAhead(
    readCsv(stream, delimiter),
    (records) => records.length === 1,
  );
  const columns = ahead[0]?.cells ?? [];
  return { columns, rows: withColumns(all, columns) };
}

async function* readNdjson(stream: ImportStream): AsyncGenerator<InputRow> {
  for await (const lines of readLines(stream, rowBytesMax)) {
    for (const { number: line, bytes } of lines) {
      if (bytes === undefined) {
        yield { line, content: Buffer.of(), problem: 'is longer than 1 MiB' };
        continue;
      }
      const text = bytes.toString();
      if (text.trim() !== '') yield { line, content: bytes, ...parseObject(text) };
    }
  }
}

function parseObject(text: string): Pick<InputRow, 'record' | 'problem'> {
  try {
    const record: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return isRecord(record) ? { record } : { problem: 'is no object of JSON' };
  } catch {
    return { problem: 'is not JSON' };
  }
}

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

async function* readCsv(stream: ImportStream, delimiter: string): AsyncGenerator<CsvRecord> {
  const records: CsvRecord[] = [];
  // The parser counts such a line break in a cell twice (csv-parse 7.0.3).
  let countedTwice = 0;
  const parser = parse({
    bom: true,
    delimiter,
    max_record_size: rowBytesMax,
    relax_column_count: true,
    skip_empty_lines: true,
    on_record(cells: string[], { lines }) {
      countedTwice += countIn(cells, /\r\n/g);
      // It names the line on which a row ends.
      records.push({ line: lines - countedTwice - countIn(cells, /\r\n|\r|\n/g), cells });
      return null;
    },
  });
  // Told by the writing.
  parser.on('error', () => undefined);
  const explain = (error: Error): Error =>
    error instanceof CsvError ? explainCsv(error, countedTwice) : error;

  for await (const chunk of stream) {
    const error = await feed(parser, chunk);
    yield* records.splice(0);
    if (error !== undefined) throw explain(error);
  }
  const error = await feedEnd(parser);
  yield* records.splice(0);
  if (error !== undefined) throw explain(error);
}

function countIn(cells: readonly string[], pattern: RegExp): number {
  return cells.reduce((sum, cell) => sum + (cell.match(pattern)?.length ?? 0), 0);
}

function explainCsv(error: CsvError, countedTwice: number): MalformedInputError {
  const { lines } = error as { lines?: unknown };
  const problem = csvProblems[error.code] ?? 'cannot be read as CSV';
  return new MalformedInputError(
    (typeof lines === 'number' ? lines : 0) - countedTwice,
    `${problem}; what follows cannot be told apart`,
    { cause: error },
  );
}

const csvProblems: Readonly<Record<string, string>> = {
  CSV_INVALID_CLOSING_QUOTE: 'has text behind a closing quote',
  INVALID_OPENING_QUOTE: 'has a quote inside a field that does not begin with one',
  CSV_QUOTE_NOT_CLOSED: 'ends inside a quote',
  CSV_MAX_RECORD_SIZE: 'is longer than 1 MiB',
};

async function* withColumns(
  records: AsyncIterable<CsvRecord>,
  columns: readonly string[],
): AsyncGenerator<InputRow> {
  let isHeader = true;
  for await (const { line, cells } of records) {
    if (isHeader) {
      isHeader = false;
      continue;
    }
    const content = Buffer.from(JSON.stringify(cells));
    if (cells.length !== columns.length) {
      yield {
        line,
        content,
        problem: `has ${cells.length} columns, and the header ${columns.length}`,
      };
      continue;
    }
    const record = Object.fromEntries(columns.map((column, index) => [column, cells[index]]));
    yield { line, content, record };
  }
}
