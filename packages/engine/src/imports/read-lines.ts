import type { ImportStream } from './read-input.ts';

/** One line of an input, without its end. */
export interface InputLine {
  /** From 1. */
  readonly number: number;
  /** Absent where the line is longer than anybody reads. */
  readonly bytes: Buffer | undefined;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * The lines of an input, as many at once as came in with one chunk. A line without end never fills the memory: what is
 * longer than `bytesMax` is passed over to the next line.
 */
export async function* readLines(
  stream: ImportStream,
  bytesMax: number,
): AsyncGenerator<readonly InputLine[]> {
  let pending: Uint8Array[] = [];
  let length = 0;
  let number = 0;

  const keep = (part: Uint8Array): void => {
    length += part.length;
    if (length > bytesMax + 1) pending = [];
    else if (part.length > 0) pending.push(part);
  };
  const finish = (): InputLine => {
    number += 1;
    const whole = pending.length === 1 ? asBuffer(pending[0]!) : Buffer.concat(pending);
    const bytes = whole.at(-1) === carriageReturn ? whole.subarray(0, -1) : whole;
    const isTooLong = length > bytesMax + 1 || bytes.length > bytesMax;
    pending = [];
    length = 0;
    return { number, bytes: isTooLong ? undefined : bytes };
  };

  for await (const chunk of stream) {
    const lines: InputLine[] = [];
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(lineFeed, start);
      if (end === -1) break;
      keep(chunk.subarray(start, end));
      lines.push(finish());
      start = end + 1;
    }
    keep(chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (length > 0) yield [finish()];
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
