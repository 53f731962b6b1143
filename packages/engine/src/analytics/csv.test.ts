import { expect, it } from 'vitest';

import { csvLine } from './csv.ts';

it.each([
  [['plain', 7, -7, null, true], 'plain,7,-7,,true\r\n'],
  [['say "hi"', 'a,b', 'two\nlines'], '"say ""hi""","a,b","two\nlines"\r\n'],
  [['=1+1', '+1', '-1', '@x', '\tx'], "'=1+1,'+1,'-1,'@x,'\tx\r\n"],
  [['=HYPERLINK("x")'], '"\'=HYPERLINK(""x"")"\r\n'],
])('writes %j as one line that no spreadsheet runs', (cells, line) => {
  expect(csvLine(cells)).toBe(line);
});
