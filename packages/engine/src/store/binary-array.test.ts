import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openMigratedMemory } from '../testing/template.ts';
import { batchInsert } from './batch-insert.ts';
import { createEmbeddedDatabase } from './pglite.ts';
import type { Database } from './database.ts';

interface Row {
  readonly id: string;
  readonly at: number | null;
  readonly small: number;
  readonly big: string;
  readonly words: string | null;
  readonly bytes: Buffer | null;
  readonly json: string | null;
  readonly ids: string;
}

const first = '0199aaaa-bbbb-7ccc-8ddd-eeeeffff0001';
const second = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

describe('arrays of a batch', () => {
  let pglite: PGlite;
  let database: Database;
  const insert = batchInsert<Row>('headwater', 'every_type', {
    id: ['uuid', (row) => row.id],
    at: ['timestamptz', (row) => row.at],
    small: ['int4', (row) => row.small],
    big: ['int8', (row) => row.big],
    words: ['text', (row) => row.words],
    bytes: ['bytea', (row) => row.bytes],
    json: ['jsonb', (row) => row.json],
    ids: ['uuid[]', (row) => row.ids],
  });
  beforeAll(async () => {
    pglite = await openMigratedMemory();
    await pglite.exec(
      'create table headwater.every_type (workspace_id uuid, id uuid, at timestamptz, small int4, big int8, words text, bytes bytea, json jsonb, ids uuid[])',
    );
    database = createEmbeddedDatabase(pglite, { schema: 'headwater' });
  }, 60_000);
  afterAll(async () => {
    await database.close();
    await pglite.close();
  });

  const store = (rows: readonly Row[]): Promise<unknown> =>
    database.transact((tx) => tx.run(insert.statement, insert.values(second, rows)));

  it('arrive as they were sent, of every type and with nulls', async () => {
    const words = 'Zürich „quoted" \\ {a,b} 東京 🙂';
    await store([
      {
        id: first,
        at: Date.UTC(1969, 11, 31, 23, 59, 59, 999),
        small: -1,
        big: '-9007199254740993',
        words,
        bytes: Buffer.from([0, 1, 255]),
        json: '{"a":["b\\"c"]}',
        ids: `{${first},${second}}`,
      },
      {
        id: second.toUpperCase(),
        at: Date.UTC(2026, 10, 21, 12, 0, 0, 123),
        small: 2_147_483_647,
        big: '9223372036854775807',
        words: '',
        bytes: null,
        json: null,
        ids: '{}',
      },
      { id: first, at: null, small: 0, big: '0', words: null, bytes: null, json: '1', ids: '{}' },
    ]);
    const { rows } = await pglite.query(
      'select id, at, small, big::text as big, words, bytes, json, ids from headwater.every_type',
    );
    expect(rows).toEqual([
      {
        id: first,
        at: new Date(Date.UTC(1969, 11, 31, 23, 59, 59, 999)),
        small: -1,
        big: '-9007199254740993',
        words,
        bytes: new Uint8Array([0, 1, 255]),
        json: { a: ['b"c'] },
        ids: [first, second],
      },
      {
        id: second,
        at: new Date(Date.UTC(2026, 10, 21, 12, 0, 0, 123)),
        small: 2_147_483_647,
        big: '9223372036854775807',
        words: '',
        bytes: null,
        json: null,
        ids: [],
      },
      { id: first, at: null, small: 0, big: '0', words: null, bytes: null, json: 1, ids: [] },
    ]);
  });

  it('may be empty', async () => {
    await expect(store([])).resolves.toEqual([]);
  });

  it('refuse a UUID that is none, as the server would', async () => {
    const row = {
      id: 'not-a-uuid',
      at: 0,
      small: 0,
      big: '0',
      words: '',
      bytes: null,
      json: null,
      ids: '{}',
    };
    await expect(store([row])).rejects.toMatchObject({ code: '22P02' });
  });
});
