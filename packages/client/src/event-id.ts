/** A random UUID, version 4 (RFC 9562, 5.4). Pages without https have no `randomUUID`. */
export function newEventId(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  return formatUuid(crypto.getRandomValues(new Uint8Array(16)), 4);
}

/** The namespace of Headwater's deterministic event ids: a random UUID, chosen once. */
const namespace = '6d5f0f0e-3f0b-4c53-9a0b-6a1f2f4f7c21';

/**
 * An event id that is the same whenever it is asked for with the same parts: UUID version 5 (RFC 9562, 5.5) of the
 * project, the event's type and the user. With it a registration counts once, even if two processes report it or one
 * reports it again after a crash. Not for what a user may do twice: add a part, such as the number of an order.
 *
 * @example
 * const eventId = await deterministicEventId('my-startup', 'user_registered', user.id);
 * await trackRegistration({ userId: user.id, eventId });
 */
export async function deterministicEventId(
  ...parts: readonly [string, ...(string | number | bigint)[]]
): Promise<string> {
  // JSON keeps ('a', 'bc') apart from ('ab', 'c').
  const name = new TextEncoder().encode(JSON.stringify(parts.map(String)));
  const input = new Uint8Array(16 + name.length);
  input.set(Uint8Array.from(namespace.replaceAll('-', '').match(/../g) ?? [], fromHex));
  input.set(name, 16);
  return formatUuid(new Uint8Array(await crypto.subtle.digest('SHA-1', input)).slice(0, 16), 5);
}

function formatUuid(bytes: Uint8Array, version: number): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | (version << 4);
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function fromHex(pair: string): number {
  return Number.parseInt(pair, 16);
}
