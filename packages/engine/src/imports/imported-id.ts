import { createHash } from 'node:crypto';

/**
 * The id of a row of another system here: of the form of UUIDv7 (RFC 9562 §5.7), so that it sorts by when it was made,
 * with the hash of what it was there in place of chance. The same row has the same id whenever it is imported.
 */
export function importedId(at: Date, source: string, sourceId: string): string {
  const hash = createHash('sha256').update(`${source}\0${sourceId}`).digest();
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(Math.max(0, at.getTime()), 0, 6);
  hash.copy(bytes, 6, 0, 10);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
