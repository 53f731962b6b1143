export interface ImportPart {
  /** A file of its own: the heading and some of the records. */
  readonly content: string;
  readonly records: number;
  /** What is added to a line of the part to have its line in the whole. */
  readonly lineOffset: number;
}

/**
 * Cuts a CSV file into files of so many records at most, so that each can be sent by itself. Quoted fields may hold line
 * breaks (RFC 4180). What is JSON stays whole: its entries may stand in whatever wrapping. Records are left out by their
 * number, from 0 on and without empty lines; empty lines stand in their place, so that the others keep their lines.
 */
export function splitCsv(
  text: string,
  recordsMax: number,
  isLeftOut: (record: number) => boolean = () => false,
): readonly ImportPart[] {
  const content = text.replace(/^\uFEFF/, '').trimStart();
  if (content.startsWith('{') || content.startsWith('['))
    return [{ content, records: 1, lineOffset: 0 }];
  const [heading, ...all] = recordsOf(content);
  if (heading === undefined || all.length === 0)
    return [{ content, records: all.length, lineOffset: 0 }];
  // The breaks of a file are all of one kind, that of its first line.
  const lineBreak = heading.endsWith('\r\n') ? '\r\n' : '\n';
  let number = -1;
  const records = all.map((record) => {
    if (!isEmpty(record)) number += 1;
    return !isEmpty(record) && isLeftOut(number) ? lineBreak.repeat(linesOf(record)) : record;
  });
  const parts: ImportPart[] = [];
  const headingLines = linesOf(heading);
  let line = headingLines;
  for (let start = 0; start < records.length; start += recordsMax) {
    const body = records.slice(start, start + recordsMax);
    parts.push({
      content: heading + body.join(''),
      records: body.filter((record) => !isEmpty(record)).length,
      lineOffset: line - headingLines,
    });
    line += body.reduce((sum, record) => sum + linesOf(record), 0);
  }
  return parts.filter(({ records: count }) => count > 0);
}

/** Each with its line break. */
function recordsOf(content: string): string[] {
  const records: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let index = 0; index < content.length; index += 1) {
    const letter = content[index];
    // A quote inside a quoted field is doubled, which opens it again at once.
    if (letter === '"') isQuoted = !isQuoted;
    if (letter !== '\n' || isQuoted) continue;
    records.push(content.slice(start, index + 1));
    start = index + 1;
  }
  if (start < content.length) records.push(content.slice(start));
  return records;
}

function isEmpty(record: string): boolean {
  return /^[\r\n]*$/.test(record);
}

function linesOf(record: string): number {
  return record.split('\n').length - (record.endsWith('\n') ? 1 : 0);
}
