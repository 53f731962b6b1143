/** Bytes of one block; headers are one, contents are filled up to whole ones (POSIX.1-2024, pax, "ustar Interchange Format"). */
const blockBytes = 512;

/**
 * Hands over the content of the first file of a tar archive that has such a name, and reads the archive to its end.
 * @returns the name; `undefined` where there is no such file.
 * @throws the bytes are no tar archive, or it ends too early.
 */
export async function extractTarEntry(
  source: AsyncIterable<Buffer>,
  isWanted: (name: string) => boolean,
  write: (content: Buffer) => Promise<void>,
): Promise<string | undefined> {
  let header = Buffer.alloc(0);
  let found: string | undefined;
  /** What is left of the entry: its content, and that with what fills up the last block. */
  let content = 0;
  let filled = 0;
  let wanted = false;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length;) {
      if (filled > 0) {
        const taken = chunk.subarray(at, at + filled);
        if (wanted && content > 0) await write(taken.subarray(0, content));
        content = Math.max(0, content - taken.length);
        filled -= taken.length;
        at += taken.length;
        continue;
      }
      const part = chunk.subarray(at, at + blockBytes - header.length);
      header = Buffer.concat([header, part]);
      at += part.length;
      if (header.length < blockBytes) continue;
      const entry = readHeader(header);
      header = Buffer.alloc(0);
      if (entry === undefined) continue;
      content = entry.bytes;
      filled = Math.ceil(entry.bytes / blockBytes) * blockBytes;
      wanted = found === undefined && entry.isFile && isWanted(entry.name);
      if (wanted) found = entry.name;
    }
  }
  if (filled > 0 || header.length > 0) throw new Error('The archive ends too early.');
  return found;
}

interface Entry {
  readonly name: string;
  readonly bytes: number;
  readonly isFile: boolean;
}

/** `undefined` for the empty blocks at the end. */
function readHeader(block: Buffer): Entry | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  const bytes = Number.parseInt(textOf(block, 124, 136), 8);
  if (!Number.isSafeInteger(bytes) || bytes < 0 || checksumOf(block) !== saidChecksum(block))
    throw new Error('This is no tar archive.');
  const prefix = block.toString('latin1', 257, 262) === 'ustar' ? textOf(block, 345, 500) : '';
  const name = textOf(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    bytes,
    isFile: block[156] === 0x30 || block[156] === 0,
  };
}

function textOf(block: Buffer, from: number, to: number): string {
  const field = block.subarray(from, to);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? field.length : end).trim();
}

function saidChecksum(block: Buffer): number {
  return Number.parseInt(textOf(block, 148, 156), 8);
}

/** Of the header with spaces in place of the checksum. */
function checksumOf(block: Buffer): number {
  return block.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 0x20 : byte), 0);
}
