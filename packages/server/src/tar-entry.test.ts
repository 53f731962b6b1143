import { describe, expect, it } from 'vitest';

import { fc } from '../../../test/support/properties.ts';
import { packTar } from '../../../test/support/tar.ts';
import { extractTarEntry } from './tar-entry.ts';

async function extract(chunks: readonly Buffer[], ending = '.mmdb') {
  const parts: Buffer[] = [];
  async function* source() {
    yield* chunks;
  }
  const name = await extractTarEntry(
    source(),
    (candidate) => candidate.endsWith(ending),
    async (part) => void parts.push(Buffer.from(part)),
  );
  return { name, content: Buffer.concat(parts) };
}

describe('extractTarEntry', () => {
  it('finds a file however the archive is cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 2_000 }),
        fc.uint8Array({ maxLength: 2_000 }),
        fc.integer({ min: 1, max: 1_500 }),
        async (before, wanted, size) => {
          const archive = packTar({
            'City_1/LICENSE.txt': Buffer.from(before),
            'City_1/City.mmdb': Buffer.from(wanted),
            'City_1/Other.mmdb': Buffer.from('another'),
          });
          const chunks: Buffer[] = [];
          for (let at = 0; at < archive.length; at += size)
            chunks.push(archive.subarray(at, at + size));
          expect(await extract(chunks)).toEqual({
            name: 'City_1/City.mmdb',
            content: Buffer.from(wanted),
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('finds nothing where there is nothing', async () => {
    expect((await extract([packTar({ 'README.txt': Buffer.from('hello') })])).name).toBeUndefined();
    expect((await extract([])).name).toBeUndefined();
  });

  it('refuses what is no archive, and half of one', async () => {
    await expect(extract([Buffer.from('<html>'.repeat(200))])).rejects.toThrow('no tar archive');
    const archive = packTar({ 'City.mmdb': Buffer.alloc(5_000, 'x') });
    await expect(extract([archive.subarray(0, 3_000)])).rejects.toThrow('too early');
    await expect(extract([archive.subarray(0, 100)])).rejects.toThrow('too early');
  });
});
