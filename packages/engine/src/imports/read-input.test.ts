import { gzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { isBrokenPacking, readInput } from './read-input.ts';

async function* chunksOf(bytes: Uint8Array, size = 3) {
  for (let start = 0; start < bytes.length; start += size)
    yield bytes.subarray(start, start + size);
}

async function read(bytes: Uint8Array): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of orThrow(await readInput(chunksOf(bytes)))) parts.push(part);
  return Buffer.concat(parts).toString();
}

describe('readInput', () => {
  it('reads plain bytes, also fewer than a signature has', async () => {
    expect(await read(Buffer.from('one\ntwo\n'))).toBe('one\ntwo\n');
    expect(await read(Buffer.from('x'))).toBe('x');
    expect(await read(Buffer.of())).toBe('');
  });

  it('unpacks gzip, of one member and of several', async () => {
    const packed = Buffer.concat([gzipSync('one\n'), gzipSync('two\n')]);
    expect(await read(packed)).toBe('one\ntwo\n');
  });

  it('fails at the end of a packed input that is cut off or damaged', async () => {
    const packed = gzipSync('line\n'.repeat(1_000));
    await expect(read(packed.subarray(0, -9))).rejects.toSatisfy(isBrokenPacking);
    const damaged = Buffer.from(packed);
    damaged.fill(0xff, 20, 30);
    await expect(read(damaged)).rejects.toSatisfy(isBrokenPacking);
  });

  it('gives everything that comes before the cut', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join('');
    const packed = gzipSync(lines);
    const parts: Uint8Array[] = [];
    const input = orThrow(await readInput(chunksOf(packed.subarray(0, -8), 1_000)));
    await expect(async () => {
      for await (const part of input) parts.push(part);
    }).rejects.toSatisfy(isBrokenPacking);
    expect(Buffer.concat(parts).toString()).toBe(lines);
  });

  it('passes over padding behind a packed input', async () => {
    const padded = Buffer.concat([gzipSync('one\n'), Buffer.alloc(100_000)]);
    expect(await read(padded)).toBe('one\n');
  });

  it('passes on what goes wrong with the input itself', async () => {
    async function* failing() {
      yield gzipSync('line\n').subarray(0, 12);
      throw new Error('the disk is gone');
    }
    const input = orThrow(await readInput(failing()));
    await expect(Array.fromAsync(input)).rejects.toThrow('the disk is gone');
  });

  it.each([
    ['bzcat', [0x42, 0x5a, 0x68, 0x39]],
    ['xzcat', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00]],
    ['zstdcat', [0x28, 0xb5, 0x2f, 0xfd, 0x00]],
    ['unzip -p', [0x50, 0x4b, 0x03, 0x04, 0x14]],
  ])('refuses what only %s unpacks', async (program, bytes) => {
    expect(await readInput(chunksOf(Uint8Array.from(bytes)))).toMatchObject({
      ok: false,
      code: 'unsupported_compression',
      message: expect.stringContaining(program),
    });
  });
});
