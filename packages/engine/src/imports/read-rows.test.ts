import { describe, expect, it } from 'vitest';

import { readRows } from './read-rows.ts';
import type { RowFormat } from './read-rows.ts';

async function* streamOf(text: string) {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += 7) yield bytes.subarray(start, start + 7);
}

async function read(text: string, format: RowFormat = 'csv', delimiter = ',') {
  const { columns, rows } = await readRows(streamOf(text), format, delimiter);
  const found: unknown[] = [];
  for await (const { line, record, problem } of rows) found.push([line, record ?? problem]);
  return { columns, found };
}

describe('readRows of CSV', () => {
  it('names cells by the header, and rows by the line on which they begin', async () => {
    const text = '\uFEFFname,note\r\na,"x, ""y"""\r\n"b\r\nc",\r\n\r\nd,e';
    expect(await read(text)).toEqual({
      columns: ['name', 'note'],
      found: [
        [2, { name: 'a', note: 'x, "y"' }],
        [3, { name: 'b\r\nc', note: '' }],
        [6, { name: 'd', note: 'e' }],
      ],
    });
  });

  it('takes another delimiter', async () => {
    expect((await read('a;b\n1,5;2', 'csv', ';')).found).toEqual([[2, { a: '1,5', b: '2' }]]);
    expect((await read('a\tb\n1\t2', 'csv', '\t')).found).toEqual([[2, { a: '1', b: '2' }]]);
  });

  it('says of a row with too few or too many cells, and goes on', async () => {
    expect((await read('a,b\n1\n1,2,3\n4,5')).found).toEqual([
      [2, 'has 1 columns, and the header 2'],
      [3, 'has 3 columns, and the header 2'],
      [4, { a: '4', b: '5' }],
    ]);
  });

  it.each([
    ['a,b\n1,2\n3,"x"y\n4,5\n', 'has text behind a closing quote'],
    ['a,b\n1,2\n3,x"y\n4,5\n', 'has a quote inside a field'],
    ['a,b\n1,2\n3,"xy\n4,5\n', 'ends inside a quote'],
  ])('ends where rows cannot be told apart any more: %j', async (text, message) => {
    const { rows } = await readRows(streamOf(text), 'csv', ',');
    const found: unknown[] = [];
    await expect(async () => {
      for await (const { record } of rows) found.push(record);
    }).rejects.toThrow(message);
    expect(found).toEqual([{ a: '1', b: '2' }]);
  });

  it('reads a file without rows, and one without anything', async () => {
    expect(await read('a,b\n')).toEqual({ columns: ['a', 'b'], found: [] });
    expect(await read('')).toEqual({ columns: [], found: [] });
  });
});

describe('readRows of NDJSON', () => {
  it('reads one object for each line', async () => {
    expect(await read('\uFEFF{"a":1}\n\n{"b":{"c":[2]}}\r\n', 'ndjson')).toEqual({
      columns: undefined,
      found: [
        [1, { a: 1 }],
        [3, { b: { c: [2] } }],
      ],
    });
  });

  it('says which lines are none, and goes on', async () => {
    expect((await read('{"a":\n[1]\n"x"\nnull\n{"a":1}', 'ndjson')).found).toEqual([
      [1, 'is not JSON'],
      [2, 'is no object of JSON'],
      [3, 'is no object of JSON'],
      [4, 'is no object of JSON'],
      [5, { a: 1 }],
    ]);
    const long = `{"a":"${'x'.repeat(1_048_576)}"}\n{"a":1}`;
    expect((await read(long, 'ndjson')).found).toEqual([
      [1, 'is longer than 1 MiB'],
      [2, { a: 1 }],
    ]);
  });
});
