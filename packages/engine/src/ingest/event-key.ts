import { hash } from 'node:crypto';

/**
 * One text for bodies that say the same: keys sorted, undefined values left out, big integers as decimal strings, dates
 * in RFC 3339. Texts stand with their lengths instead of being escaped, which costs less than JSON.
 */
function canonicalText(value: unknown): string {
  if (typeof value === 'string') return `"${value.length}:${value}`;
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'bigint') return canonicalText(value.toString());
  if (typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (value instanceof Date) return canonicalText(value.toISOString());
  let text = '';
  if (Array.isArray(value)) {
    for (const entry of value) text += `${canonicalText(entry)},`;
    return `[${text}]`;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  // Most fields of an event are not there: what is left out is not sorted first.
  const given = Object.keys(fields).filter((key) => fields[key] !== undefined);
  for (const key of given.sort()) text += `${key.length}:${key}${canonicalText(fields[key])},`;
  return `{${text}}`;
}

/** 64 bits of SHA-256 over the canonical body, as 16 hex digits: tells a replay from another body under its key. */
export function digestOf(body: unknown): string {
  return hash('sha256', canonicalText(body)).slice(0, 16);
}

/** The event key of an idempotency key: a UUIDv8 (RFC 9562 §5.8) of its SHA-256, so that both share one index. */
export function keyFromIdempotencyKey(workspaceId: string, idempotencyKey: string): string {
  const hex = hash('sha256', `${workspaceId}\0${idempotencyKey}`);
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The digest as PostgreSQL's signed bigint. */
export function digestToBigint(digest: string): bigint {
  return BigInt.asIntN(64, BigInt(`0x${digest}`));
}
