import { exportStream } from '../http/export-stream.ts';
import type { ExportedLink } from './export-links.ts';
import { exportShapeOf } from './export-schema.ts';
import { writeJsonArray } from './json-array.ts';

/** Links as the API exports them, in pieces of text. */
export async function* linkExportTexts(
  format: 'csv' | 'json' | 'ndjson',
  pages: AsyncIterable<readonly ExportedLink[]>,
  scheme: 'http' | 'https',
): AsyncGenerator<string> {
  const shape = exportShapeOf(scheme);
  if (format === 'json') {
    yield* writeJsonArray(pages, shape.document);
    return;
  }
  const decoder = new TextDecoder();
  for await (const bytes of exportStream(format, shape, pages)) yield decoder.decode(bytes);
}
