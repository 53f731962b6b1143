import { describe, expect, it } from 'vitest';

import { splitCsv } from './split-csv.ts';

describe('splitCsv', () => {
  it('gives each part the heading, and knows the lines of the whole', () => {
    expect(splitCsv('key,url\na,1\nb,2\nc,3\n', 2)).toEqual([
      { content: 'key,url\na,1\nb,2\n', records: 2, lineOffset: 0 },
      { content: 'key,url\nc,3\n', records: 1, lineOffset: 2 },
    ]);
  });

  it('leaves line breaks and doubled quotes of a field in their record', () => {
    const parts = splitCsv('key,notes\r\na,"one ""and""\r\ntwo"\r\nb,x', 1);
    expect(parts.map(({ content }) => content)).toEqual([
      'key,notes\r\na,"one ""and""\r\ntwo"\r\n',
      'key,notes\r\nb,x',
    ]);
    // `b` is line 4 of the whole and line 2 of its part.
    expect(parts[1]!.lineOffset).toBe(2);
  });

  it('leaves JSON, and what has no records, as it is', () => {
    expect(splitCsv('[{"key":"a"}]', 1)).toEqual([
      { content: '[{"key":"a"}]', records: 1, lineOffset: 0 },
    ]);
    expect(splitCsv('key,url', 1)).toHaveLength(1);
  });
});
