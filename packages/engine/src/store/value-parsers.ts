import pg from 'pg';

/** `int8` as bigint (money and counters are exact); everything else as node-postgres has it. */
const int8 = 20;

export const parseValue: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === int8 && format !== 'binary') return BigInt;
    return pg.types.getTypeParser(oid, format);
  },
} as pg.CustomTypesConfig;
