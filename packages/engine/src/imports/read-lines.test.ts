import { describe, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { readLines } from './read-lines.ts';

async function linesOf(chunks: readonly (string | Buffer)[], bytesMax = 64) {
  const lines: Array<readonly [number, string | undefined]> = [];
  for await (const batch of readLines(streamOf(chunks), bytesMax))
    for (const { number, bytes } of batch) lines.push([number, bytes?.toString('latin1')]);
  return lines;
}

async function* streamOf(chunks: readonly (string | Buffer)[]) {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

describe('readLines', () => {
  it('numbers lines, with either end, also the last one without', async () => {
    expect(await linesOf(['a\nb\r\n\n', 'c'])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, ''],
      [4, 'c'],
    ]);
  });

  it('finds nothing in nothing', async () => {
    expect(await linesOf([])).toEqual([]);
    expect(await linesOf([''])).toEqual([]);
  });

  it('passes over a line that is too long, and goes on with the next', async () => {
    expect(
      await linesOf(['x'.repeat(64), '\n', 'y'.repeat(65), '\nz', 'z'.repeat(90), '\nend']),
    ).toEqual([
      [1, 'x'.repeat(64)],
      [2, undefined],
      [3, undefined],
      [4, 'end'],
    ]);
  });

  it('leaves bytes as they are', async () => {
    expect(await linesOf([Buffer.from([0xff, 0x0a, 0x00, 0xe4])])).toEqual([
      [1, '\u00ff'],
      [2, '\u0000\u00e4'],
    ]);
  });

  it('does not depend on where the chunks are cut', async () => {
    const piece = fc.constantFrom('a', 'bcd', '\n', '\r', '\r\n', 'e'.repeat(70));
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
        expect(await linesOf(pieces)).toEqual(await linesOf([pieces.join('')]));
      }),
    );
  });
});
