import pg from 'pg';

/**
 * How values are read, whatever parsers the host has set for itself in node-postgres (which keeps them globally):
 * `int8` as bigint (money and counters are exact), `timestamptz` as Date, `jsonb` as its value, `bytea` as Buffer.
 * Types by their OIDs: https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat
 */
export const parseText: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === 't',
  17: (text) => Buffer.from(text.slice(2), 'hex'),
  20: BigInt,
  23: Number,
  701: Number,
  1184: parseTimestamp,
  3802: (text) => JSON.parse(text) as unknown,
};

export const parseValue: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
    const own = format === 'binary' ? undefined : parseText[oid];
    return own ?? (pg.types.getTypeParser(oid, format) as (text: string) => unknown);
  },
};

// `2026-01-15 12:00:00.123+00`, the form of DateStyle ISO; offsets may have minutes.
const isoTimestamp = /^(\d{4,6}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d)(?::?(\d\d))?$/;

function parseTimestamp(text: string): unknown {
  const match = isoTimestamp.exec(text);
  // Infinity, years before Christ and other styles are node-postgres' own business.
  if (match === null) return (pg.types.getTypeParser(1184) as (value: string) => unknown)(text);
  return new Date(`${match[1]}T${match[2]}${match[3]}:${match[4] ?? '00'}`);
}
