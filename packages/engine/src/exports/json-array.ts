/** Rows as one JSON array, a page at a time. */
export async function* writeJsonArray<Row>(
  pages: AsyncIterable<readonly Row[]>,
  document: (row: Row) => unknown,
): AsyncGenerator<string> {
  let separator = '[\n';
  for await (const page of pages) {
    for (const row of page) {
      yield separator + JSON.stringify(document(row));
      separator = ',\n';
    }
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}
