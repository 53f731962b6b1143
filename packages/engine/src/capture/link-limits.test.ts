import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PGlite } from '@electric-sql/pglite';
import { describe, expect, it } from 'vitest';

import { createPostgresDatabase } from '../../../../test/support/postgres.ts';
import { createHeadwater } from '../engine.ts';
import type { Headwater } from '../engine.ts';
import { orThrow } from '../kernel/result.ts';

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

async function follow(hw: Headwater, key: string): Promise<number> {
  const headers = { 'user-agent': chrome };
  const response = await hw.handler(new Request(`https://go.test/${key}`, { headers }), {
    remoteAddress: '198.51.100.7',
  });
  return response.status;
}

const shared = {
  secret: 'a secret of the tests that is long enough',
  links: { domains: ['go.test'] },
  clickPatience: { seconds: 10 },
} as const;

describe('an exact limit', () => {
  it('holds for several processes at once', async () => {
    await using server = await createPostgresDatabase();
    const options = { ...shared, database: { url: server.url } };
    await using one = await createHeadwater(options);
    await one.migrate();
    await using other = await createHeadwater(options);
    const limits = { clicks: { max: 10 }, people: { max: 12 } };
    orThrow(
      await one.links.create({
        key: 'ten',
        url: 'https://shop.test/',
        routing: { version: 1, limits },
      }),
    );
    const asked = await Promise.all(
      Array.from({ length: 30 }, (_, index) => follow(index % 2 === 0 ? one : other, 'ten')),
    );
    for (let more = 0; more < 10; more += 1) asked.push(await follow(other, 'ten'));
    const count = (status: number): number =>
      asked.filter((answered) => answered === status).length;
    expect(count(302)).toBeLessThanOrEqual(10);
    // On a machine that is busy with something else some are told to come again: their place may be lost.
    expect(count(302) + count(503)).toBeGreaterThanOrEqual(10);
    expect(await follow(one, 'ten')).toBe(410);
  }, 120_000);

  it('lets nobody through while the database is away, and rules decide without it', async () => {
    const pglite = await PGlite.create();
    const spoolFolder = await mkdtemp(join(tmpdir(), 'headwater-limits-'));
    const hw = await createHeadwater({ ...shared, spoolFolder, database: { pglite } });
    await hw.migrate();
    const rules = [
      {
        name: 'windows',
        when: [{ kind: 'system', in: ['Windows'] } as const],
        url: 'https://shop.test/w',
      },
    ];
    orThrow(
      await hw.links.create({
        key: 'rule',
        url: 'https://shop.test/',
        routing: { version: 1, rules },
      }),
    );
    const limits = { clicks: { max: 9 } };
    orThrow(
      await hw.links.create({
        key: 'limit',
        url: 'https://shop.test/',
        routing: { version: 1, limits },
      }),
    );
    expect([await follow(hw, 'rule'), await follow(hw, 'limit')]).toEqual([302, 302]);
    await pglite.close();
    expect(await follow(hw, 'limit')).toBe(503);
    expect(await follow(hw, 'rule')).toBe(302);
    await hw.close().catch(() => undefined);
    await rm(spoolFolder, { recursive: true });
  }, 120_000);
});
