import { isIP } from 'node:net';

/** What a record may hold here; whole numbers become unsigned, others doubles. */
export type PlaceValue =
  | string
  | number
  | boolean
  | readonly PlaceValue[]
  | { readonly [key: string]: PlaceValue };

export interface PlaceFileSettings {
  /** @default 'Test-City' */
  readonly databaseType?: string;
  /** @default 2026-11-01 */
  readonly builtAt?: Date;
  /** @default 6 */
  readonly ipVersion?: 4 | 6;
}

/**
 * A small database in MaxMind's format with a record for each network: `{ '192.0.2.0/24': { country: … } }`.
 * The format: https://maxmind.github.io/MaxMind-DB/
 */
export function writePlaceFile(
  records: Readonly<Record<string, PlaceValue>>,
  settings: PlaceFileSettings = {},
): Buffer {
  const { databaseType = 'Test-City', builtAt = new Date('2026-11-01'), ipVersion = 6 } = settings;
  const data: Buffer[] = [];
  let dataLength = 0;
  const nodes: [Slot, Slot][] = [[undefined, undefined]];
  for (const [network, record] of Object.entries(records)) {
    const encoded = encode(record);
    insert(nodes, bitsOf(network, ipVersion), { offset: dataLength });
    data.push(encoded);
    dataLength += encoded.length;
  }
  const tree = Buffer.alloc(nodes.length * 8);
  for (const [index, node] of nodes.entries())
    for (const side of [0, 1] as const)
      tree.writeUInt32BE(recordOf(node[side], nodes.length), index * 8 + side * 4);
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: Math.floor(builtAt.getTime() / 1_000),
    database_type: databaseType,
    description: { en: 'made by a test' },
    ip_version: ipVersion,
    languages: ['en'],
    node_count: nodes.length,
    record_size: 32,
  });
  const marker = Buffer.from('abcdef4d61784d696e642e636f6d', 'hex');
  return Buffer.concat([tree, Buffer.alloc(separatorBytes), ...data, marker, metadata]);
}

/** A city as MaxMind writes it. */
export function cityRecord(city: {
  readonly code: string;
  readonly country: string;
  readonly region: string;
  readonly city: string;
  readonly timezone: string;
  readonly latitude: number;
  readonly longitude: number;
}): PlaceValue {
  return {
    city: { names: { de: `${city.city} (de)`, en: city.city } },
    continent: { code: 'EU', names: { en: 'Europe' } },
    country: { iso_code: city.code, names: { en: city.country } },
    location: { latitude: city.latitude, longitude: city.longitude, time_zone: city.timezone },
    subdivisions: [{ iso_code: 'X', names: { en: city.region } }, { names: { en: 'a district' } }],
  };
}

const separatorBytes = 16;

/** Nothing, another node, or a place in the data. */
type Slot = undefined | number | { readonly offset: number };

function recordOf(slot: Slot, nodeCount: number): number {
  if (slot === undefined) return nodeCount;
  return typeof slot === 'number' ? slot : nodeCount + separatorBytes + slot.offset;
}

function insert(nodes: [Slot, Slot][], bits: readonly (0 | 1)[], leaf: Slot): void {
  let node = 0;
  for (const bit of bits.slice(0, -1)) {
    const slot = nodes[node]![bit];
    if (typeof slot === 'number') {
      node = slot;
    } else {
      nodes.push([slot, slot]);
      nodes[node]![bit] = nodes.length - 1;
      node = nodes.length - 1;
    }
  }
  nodes[node]![bits.at(-1)!] = leaf;
}

/** IPv4 lies in the first 32 of the last bits of an IPv6 tree: below 96 zeros. */
function bitsOf(network: string, ipVersion: 4 | 6): (0 | 1)[] {
  const [address = '', length = ''] = network.split('/');
  const isFour = isIP(address) === 4;
  const bytes = isFour ? address.split('.').map(Number) : bytesOfSix(address);
  const bits = bytes.flatMap((byte) =>
    Array.from({ length: 8 }, (_, bit) => ((byte >> (7 - bit)) & 1) as 0 | 1),
  );
  const own = bits.slice(0, Number(length));
  return isFour && ipVersion === 6
    ? [...Array.from({ length: 96 }, () => 0 as const), ...own]
    : own;
}

function bytesOfSix(address: string): number[] {
  const [left = '', right = ''] = address.split('::');
  const groups = (text: string) =>
    (text === '' ? [] : text.split(':')).map((group) => Number.parseInt(group, 16));
  const before = groups(left);
  const after = groups(right);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 255]);
}

const types = { text: 2, double: 3, unsigned: 6, map: 7, list: 11, truth: 14 } as const;

function encode(value: PlaceValue): Buffer {
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    return Buffer.concat([control(types.text, text.length), text]);
  }
  if (typeof value === 'boolean') return control(types.truth, value ? 1 : 0);
  if (typeof value === 'number') {
    const isUnsigned = Number.isInteger(value) && value >= 0;
    const bytes = Buffer.alloc(isUnsigned ? 4 : 8);
    if (isUnsigned) bytes.writeUInt32BE(value);
    else bytes.writeDoubleBE(value);
    return Buffer.concat([
      control(isUnsigned ? types.unsigned : types.double, bytes.length),
      bytes,
    ]);
  }
  if (Array.isArray(value))
    return Buffer.concat([control(types.list, value.length), ...value.map(encode)]);
  const entries = Object.entries(value as Readonly<Record<string, PlaceValue>>);
  return Buffer.concat([
    control(types.map, entries.length),
    ...entries.flatMap(([key, entry]) => [encode(key), encode(entry)]),
  ]);
}

/** Types above 7 say so in a second byte; sizes above 28 have one more. */
function control(type: number, size: number): Buffer {
  const [short, more] = size < 29 ? [size, []] : [29, [size - 29]];
  return type <= 7
    ? Buffer.from([(type << 5) | short, ...more])
    : Buffer.from([short, type - 7, ...more]);
}
