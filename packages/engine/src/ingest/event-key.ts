import { createHash } from 'node:crypto';

/**
 * JSON with sorted keys and without undefined values: two bodies that say the same have one text. Big integers are
 * written as decimal strings, dates in RFC 3339.
 */
function canonicalJson(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'bigint') return JSON.stringify(value.toString());
  if (typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const entries = Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(',')}}`;
}

/** 64 bits of SHA-256 over the canonical body, as 16 hex digits: tells a replay from another body under its key. */
export function digestOf(body: unknown): string {
  return createHash('sha256').update(canonicalJson(body)).digest('hex').slice(0, 16);
}

/** The event key of an idempotency key: a UUIDv8 (RFC 9562 §5.8) of its SHA-256, so that both share one index. */
export function keyFromIdempotencyKey(workspaceId: string, idempotencyKey: string): string {
  const hex = createHash('sha256').update(`${workspaceId}\0${idempotencyKey}`).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The digest as PostgreSQL's signed bigint. */
export function digestToBigint(digest: string): bigint {
  return BigInt.asIntN(64, BigInt(`0x${digest}`));
}
