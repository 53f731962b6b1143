/**
 * UUIDv7 (RFC 9562 §5.7), so that keys made together lie together in the server's index. `crypto.randomUUID` is
 * missing on plain http.
 */
export function createUuid(page: Window & typeof globalThis): string {
  const time = Date.now().toString(16).padStart(12, '0');
  const random = [...page.crypto.getRandomValues(new Uint8Array(10))]
    .map((byte, index) => (index === 2 ? (byte & 63) | 128 : byte).toString(16).padStart(2, '0'))
    .join('');
  return `${time}7${random.slice(1)}`.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
