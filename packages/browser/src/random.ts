/** Random digits of a base; `crypto.randomUUID` is missing on plain http. */
function randomDigits(length: number, base: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => (byte % base).toString(base)).join('');
}

/** UUIDv7 (RFC 9562 §5.7), so that keys made together lie together in the server's index. */
export function createUuid(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  const tail = `7${randomDigits(3, 16)}-8${randomDigits(3, 16)}-${randomDigits(12, 16)}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-${tail}`;
}

/** The form of the server's own visitor tokens, which this becomes where the server can set its cookie. */
export function createVisitorToken(): string {
  return randomDigits(22, 36);
}
