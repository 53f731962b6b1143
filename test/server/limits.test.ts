import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { createPostgresDatabase } from '../support/postgres.ts';
import { readMetric, startServer } from './server-process.ts';
import type { ServerProcess } from './server-process.ts';

it(
  'two servers on one PostgreSQL hold one limit for a network behind their proxy',
  { timeout: 120_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headwater-limits-'));
    await using database = await createPostgresDatabase();
    const start = (name: string): Promise<ServerProcess> =>
      startServer({
        DATABASE_URL: database.url,
        HEADWATER_SECRET: 'a secret of the tests that is long enough',
        HEADWATER_DATA: join(folder, name),
        HEADWATER_TRUST_PROXY: '127.0.0.0/8',
        HEADWATER_PROXY_HEADER: 'forwarded',
        HEADWATER_LIMIT_FAILED_CREDENTIALS: '5/day',
      });
    await using first = await start('first');
    await using second = await start('second');
    const guess = (server: ServerProcess, from: string, key: string): Promise<Response> =>
      fetch(`${server.origin}/hw/api/links`, {
        headers: { authorization: `Bearer ${key}`, forwarded: `for=8.8.8.8, for=${from}` },
      });

    const answers: Response[] = [];
    for (let count = 0; count < 8; count += 1)
      answers.push(
        await guess([first, second][count % 2]!, `203.0.113.${count}`, `guess-${count}`),
      );
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    const limited = answers.at(-1)!;
    expect(await limited.json()).toMatchObject({ code: 'rate_limited' });
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await guess(second, '198.51.100.1', first.secretKey!)).status).toBe(200);
    expect(await readMetric(second, 'headwater_rate_limited_total')).toBeGreaterThan(0);

    rmSync(folder, { recursive: true, force: true });
  },
);
