import { HeadwaterError } from '../kernel/errors.ts';

/**
 * Arrays in PostgreSQL's binary format (`array_recv`): no text to write here, none to parse there. For batches this
 * costs the server a third less than array literals do. node-postgres sends a Buffer as a binary parameter.
 *
 * Layout, big endian: dimensions, whether there are nulls, the type's oid, the length, the lower bound; then each
 * element as its length (-1 for null) and its bytes.
 */
interface ElementType {
  readonly oid: number;
  /** Bytes of an element, where all have the same. */
  readonly size?: number;
  write(target: Buffer, offset: number, value: unknown): void;
}

const headerSize = 20;
/** PostgreSQL counts microseconds from 2000-01-01 (`timestamptz_recv`). */
const postgresEpoch = Date.UTC(2000, 0, 1);
const high = 0x1_0000_0000;

const uuid: ElementType = { oid: 2950, size: 16, write: writeUuid };
const timestamptz: ElementType = {
  oid: 1184,
  size: 8,
  write: (target, offset, value) =>
    writeInt64(target, offset, ((value as number) - postgresEpoch) * 1_000),
};
const int4: ElementType = {
  oid: 23,
  size: 4,
  write: (target, offset, value) => target.writeInt32BE(value as number, offset),
};
const int8: ElementType = {
  oid: 20,
  size: 8,
  write(target, offset, value) {
    if (typeof value === 'number') writeInt64(target, offset, value);
    else target.writeBigInt64BE(BigInt(value as bigint | string), offset);
  },
};

const bool: ElementType = {
  oid: 16,
  size: 1,
  write: (target, offset, value) => target.writeUInt8(value === true ? 1 : 0, offset),
};

const fixedTypes: Readonly<Record<string, ElementType>> = { uuid, timestamptz, int4, int8, bool };
const variableOids: Readonly<Record<string, number>> = { text: 25, bytea: 17 };

/**
 * @param type `uuid` and `text` take strings, `timestamptz` milliseconds since the Unix epoch, `int4` numbers, `int8`
 * whole numbers below 2^53, bigints or decimal strings, `bool` booleans, `bytea` bytes, `jsonb` JSON text; `null` and `undefined` are NULL. An array of nothing else is NULL as a
 * whole, which `unnest` fills up beside the others.
 */
export function binaryArray<Row>(
  type: string,
  rows: readonly Row[],
  read: (row: Row) => unknown,
): Buffer | null {
  const fixed = fixedTypes[type];
  return fixed === undefined ? variableArray(type, rows, read) : fixedArray(fixed, rows, read);
}

/** How many elements an array of {@link binaryArray} has; 0 for what is none. */
export function lengthOfArray(value: unknown): number {
  return Buffer.isBuffer(value) && value.length >= headerSize ? value.readInt32BE(12) : 0;
}

function fixedArray<Row>(
  type: ElementType,
  rows: readonly Row[],
  read: (row: Row) => unknown,
): Buffer | null {
  const size = type.size!;
  const target = Buffer.allocUnsafe(headerSize + rows.length * (4 + size));
  let offset = headerSize;
  let nulls = 0;
  for (const row of rows) {
    const value = read(row);
    if (value === null || value === undefined) {
      nulls += 1;
      target.writeInt32BE(-1, offset);
      offset += 4;
      continue;
    }
    target.writeInt32BE(size, offset);
    try {
      type.write(target, offset + 4, value);
    } catch (error) {
      // The SQLSTATE that the server would give: out of range, or no value of its type.
      const code = error instanceof RangeError ? '22003' : '22P02';
      throw new HeadwaterError(code, 'A value does not fit its column.', { cause: error });
    }
    offset += 4 + size;
  }
  if (nulls === rows.length) return null;
  writeHeader(target, rows.length, nulls, type.oid);
  return target.subarray(0, offset);
}

/** JSON goes as text and is cast by the statement: `jsonb` has a version byte of its own. */
function variableArray<Row>(
  type: string,
  rows: readonly Row[],
  read: (row: Row) => unknown,
): Buffer | null {
  const oid = variableOids[type];
  if (oid === undefined) throw new TypeError(`There is no binary array of ${type}.`);
  const values: Array<string | Uint8Array | null> = [];
  let sizeMax = headerSize;
  let nulls = 0;
  for (const row of rows) {
    const value = (read(row) as string | Uint8Array | null | undefined) ?? null;
    if (value === null) nulls += 1;
    else sizeMax += typeof value === 'string' ? bytesMax(value) : value.byteLength;
    sizeMax += 4;
    values.push(value);
  }
  if (nulls === rows.length) return null;
  const target = Buffer.allocUnsafe(sizeMax);
  let offset = headerSize;
  // Many columns say the same in each row: those bytes are copied, not encoded again.
  let before: string | Uint8Array | null = null;
  let length = 0;
  for (const value of values) {
    if (value === null) {
      target.writeInt32BE(-1, offset);
      offset += 4;
      before = null;
      continue;
    }
    const start = offset + 4;
    if (value === before) {
      target.copyWithin(offset, offset - 4 - length, offset);
    } else {
      length = typeof value === 'string' ? target.write(value, start, 'utf8') : value.byteLength;
      if (typeof value !== 'string') target.set(value, start);
      target.writeInt32BE(length, offset);
    }
    before = value;
    offset = start + length;
  }
  writeHeader(target, rows.length, nulls, oid);
  return target.subarray(0, offset);
}

/** How long a text is at most in UTF-8: measuring a short one costs as much as writing it. */
function bytesMax(text: string): number {
  return text.length > 64 ? Buffer.byteLength(text) : text.length * 3;
}

function writeHeader(target: Buffer, length: number, nulls: number, oid: number): void {
  target.writeInt32BE(1, 0);
  target.writeInt32BE(nulls === 0 ? 0 : 1, 4);
  target.writeInt32BE(oid, 8);
  target.writeInt32BE(length, 12);
  target.writeInt32BE(1, 16);
}

/** Exact for every integer below 2^53. */
function writeInt64(target: Buffer, offset: number, value: number): void {
  const upper = Math.floor(value / high);
  target.writeInt32BE(upper, offset);
  target.writeUInt32BE(value - upper * high, offset + 4);
}

/** The value of each hexadecimal digit by its character code; 255 for what is none. */
const digits = new Uint8Array(128).fill(255);
for (let value = 0; value < 16; value += 1) {
  digits[value.toString(16).charCodeAt(0)] = value;
  digits[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

function writeUuid(target: Buffer, offset: number, value: unknown): void {
  const text = value as string;
  let at = 0;
  let seen = 0;
  for (let byte = 0; byte < 16; byte += 1) {
    if (byte === 4 || byte === 6 || byte === 8 || byte === 10) at += 1;
    const upper = digits[text.charCodeAt(at)] ?? 255;
    const lower = digits[text.charCodeAt(at + 1)] ?? 255;
    seen |= upper | lower;
    target[offset + byte] = (upper << 4) | lower;
    at += 2;
  }
  if (seen > 15) throw new TypeError('A UUID has 32 hexadecimal digits.');
}
