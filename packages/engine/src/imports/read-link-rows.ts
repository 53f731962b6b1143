import { parse } from 'csv-parse';

import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { feed, feedEnd } from './feed.ts';
import { inSteps } from './in-steps.ts';
import { tryJson } from './link-record.ts';

export interface LinkRow {
  /** The line of CSV, or the number of the entry. */
  readonly row: number;
  readonly values: Readonly<Record<string, unknown>>;
}

type Values = Readonly<Record<string, unknown>>;

/**
 * The rows of an export in whatever form it is: CSV with commas, semicolons or tabs; one JSON document, in the wrapping
 * that the product's API answers with; or one document in each line.
 */
export async function readLinkRows(
  text: string,
): Promise<Result<readonly LinkRow[], ValidationRefusal>> {
  const content = text.replace(/^\uFEFF/, '').trimStart();
  if (content === '') return refuseField('content', 'is empty');
  if (content.startsWith('{') || content.startsWith('[')) return readJson(content);
  return readCsv(content);
}

const rowsAtOnce = 500;
const bytesAtOnce = 16_384;

async function readJson(content: string): Promise<Result<readonly LinkRow[], ValidationRefusal>> {
  const whole = tryJson(content);
  const documents: unknown[] = whole === undefined ? [] : [whole];
  if (whole === undefined) {
    const lines = content.split('\n').filter((line) => line.trim() !== '');
    for await (const line of inSteps(lines, rowsAtOnce)) {
      const document = tryJson(line);
      if (document === undefined) {
        const place = lines.length > 1 ? ` in line ${documents.length + 1}` : '';
        return refuseField('content', `is no JSON${place}`);
      }
      documents.push(document);
    }
  }
  const rows = documents.flatMap((document) => unwrap(document, 0));
  return rows.length === 0
    ? refuseField('content', 'holds no links')
    : ok(rows.map((values, index) => ({ row: index + 1, values })));
}

/** What the APIs wrap their links in. */
const wrappings = ['links', 'shortUrls', 'data', 'bitlinks', 'items', 'result', 'results'];
const depthMax = 4;

function unwrap(value: unknown, depth: number): Values[] {
  if (Array.isArray(value)) return value.flatMap((each) => unwrap(each, depth));
  if (typeof value !== 'object' || value === null || depth > depthMax) return [];
  const record = value as Values;
  for (const wrapping of wrappings) {
    const inside = record[wrapping];
    if (typeof inside === 'object' && inside !== null) return unwrapAll(inside, depth + 1);
  }
  return [record];
}

/** YOURLS names its links `link_1`, `link_2`. */
function unwrapAll(inside: object, depth: number): Values[] {
  const entries = Object.entries(inside);
  const isNamed = entries.length > 0 && entries.every(([name]) => /^link_\d+$/.test(name));
  return unwrap(isNamed ? entries.map(([, each]) => each as unknown) : inside, depth);
}

async function readCsv(content: string): Promise<Result<readonly LinkRow[], ValidationRefusal>> {
  const header = content.slice(0, Math.max(content.indexOf('\n'), 0) || content.length);
  const delimiters = [',', ';', '\t'].map((each) => [each, header.split(each).length] as const);
  const [delimiter] = delimiters.reduce((best, each) => (each[1] > best[1] ? each : best));
  const rows: LinkRow[] = [];
  const parser = parse({
    columns: true,
    delimiter,
    skip_empty_lines: true,
    relax_column_count: true,
    on_record(record: Record<string, string>, { lines }) {
      rows.push({ row: lines, values: withoutGuards(record) });
      return null;
    },
  });
  // Told by the writing.
  parser.on('error', () => undefined);
  for await (const part of inSteps(partsOf(Buffer.from(content)), 1)) {
    const error = await feed(parser, part);
    if (error !== undefined) return refuseField('content', `is no CSV: ${error.message}`);
  }
  const error = await feedEnd(parser);
  if (error !== undefined) return refuseField('content', `is no CSV: ${error.message}`);
  return rows.length === 0 ? refuseField('content', 'holds no links') : ok(rows);
}

function* partsOf(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += bytesAtOnce)
    yield bytes.subarray(start, start + bytesAtOnce);
}

/** The apostrophe that exports put before what a spreadsheet would take for a formula. */
function withoutGuards(record: Record<string, string>): Values {
  return Object.fromEntries(
    Object.entries(record).map(([column, cell]) => [
      column.trim(),
      cell.replace(/^'(?=[=+\-@\t\r])/, ''),
    ]),
  );
}
