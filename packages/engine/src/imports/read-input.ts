import { createGunzip } from 'node:zlib';

import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { feed, feedEnd } from './feed.ts';
import { readAhead } from './read-ahead.ts';

/** What an import reads: a file, standard input, the body of a request. */
export type ImportStream = AsyncIterable<Uint8Array>;

export type InputRefusal = Refusal & { readonly code: 'unsupported_compression' };

/**
 * The bytes of an input, unpacked where they are gzip. That is told by their beginning, not by the name of a file: a
 * pipe has none, and rotated logs have the wrong one.
 */
export async function readInput(stream: ImportStream): Promise<Result<ImportStream, InputRefusal>> {
  const { ahead, all } = await readAhead(
    stream,
    (chunks) => chunks.reduce((sum, chunk) => sum + chunk.length, 0) >= longestMagic,
  );
  const start = Buffer.concat(ahead).subarray(0, longestMagic);
  if (startsWith(start, gzip)) return ok(unpack(all));
  for (const { magic, program } of otherCompressions) {
    if (startsWith(start, magic))
      return refuse(
        'unsupported_compression',
        `The input is packed in a way that only ${program} unpacks: pipe its output into the import.`,
      );
  }
  return ok(all);
}

/** Whether reading ended because a packed input is cut off or damaged. */
export function isBrokenPacking(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.startsWith('Z_');
}

/** So much packed input at once makes 16 MiB at most (deflate packs 1,032 to 1). */
const packedBytesMax = 16_384;

async function* unpack(stream: ImportStream): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const unpacked: Uint8Array[] = [];
  gunzip.on('data', (chunk: Uint8Array) => unpacked.push(chunk));
  // Told by the writing.
  gunzip.on('error', () => undefined);
  try {
    for await (const chunk of stream) {
      for (let start = 0; start < chunk.length; start += packedBytesMax) {
        const error = await feed(gunzip, chunk.subarray(start, start + packedBytesMax));
        yield* unpacked.splice(0);
        if (error !== undefined) throw error;
        // What is behind the last member (padding, mostly) is none of the content.
        if (gunzip.readableEnded) return;
      }
    }
    const error = await feedEnd(gunzip);
    yield* unpacked.splice(0);
    if (error !== undefined) throw error;
  } finally {
    gunzip.destroy();
  }
}

// RFC 1952 §2.3.1
const gzip = [0x1f, 0x8b];

// https://en.wikipedia.org/wiki/List_of_file_signatures
const otherCompressions = [
  { magic: [0x42, 0x5a, 0x68], program: 'bzcat' },
  { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], program: 'xzcat' },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], program: 'zstdcat' },
  { magic: [0x50, 0x4b, 0x03, 0x04], program: 'unzip -p' },
] as const;
const longestMagic = 6;

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}
