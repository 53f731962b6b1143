/**
 * UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then a 12-bit counter and 62 random bits, so that ids of
 * one process sort in the order they were made. The random bits come from the platform's CSPRNG, drawn in blocks.
 */
export type IdFactory = (now: number) => string;

const poolSize = 4096;

export function createIdFactory(): IdFactory {
  const pool = new Uint8Array(poolSize);
  let offset = poolSize;
  let lastMilliseconds = -1;
  let counter = 0;

  return function createId(now: number): string {
    if (offset + 10 > poolSize) {
      crypto.getRandomValues(pool);
      offset = 0;
    }
    const start = offset;
    offset += 10;

    let milliseconds = Math.max(0, Math.floor(now));
    if (milliseconds === lastMilliseconds) {
      counter += 1;
      if (counter > 0xfff) {
        // The counter is exhausted within one millisecond: borrow from the next one.
        lastMilliseconds += 1;
        milliseconds = lastMilliseconds;
        counter = pool[start]! & 0x7f;
      }
    } else {
      lastMilliseconds = milliseconds;
      // A random start below half the range leaves room to count up.
      counter = ((pool[start]! << 8) | pool[start + 1]!) & 0x7ff;
    }

    const high = Math.floor(milliseconds / 0x10000);
    const low = milliseconds & 0xffff;
    return (
      hex32(high) +
      '-' +
      hex16(low) +
      '-' +
      hex16(0x7000 | counter) +
      '-' +
      hex16(0x8000 | ((pool[start + 2]! & 0x3f) << 8) | pool[start + 3]!) +
      '-' +
      hex16((pool[start + 4]! << 8) | pool[start + 5]!) +
      hex32(
        ((pool[start + 6]! << 24) |
          (pool[start + 7]! << 16) |
          (pool[start + 8]! << 8) |
          pool[start + 9]!) >>>
          0,
      )
    );
  };
}

/** The two digits of each byte. */
const hexBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex32(value: number): string {
  return hex16(value >>> 16) + hex16(value & 0xffff);
}

function hex16(value: number): string {
  return hexBytes[value >> 8]! + hexBytes[value & 0xff]!;
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether the text is a UUID of any version in its canonical form of 36 characters (RFC 9562 §4). */
export function isUuid(text: unknown): text is string {
  return typeof text === 'string' && text.length === 36 && uuidPattern.test(text);
}
