import { createHeadwater, orThrow } from 'headwater';
import { describe, expect, it } from 'vitest';

import { day, hour } from '../../packages/engine/src/kernel/clock.ts';
import { openMigratedMemory } from '../../packages/engine/src/testing/template.ts';
import { createServer } from '../../packages/server/src/server.ts';
import { linkHost } from '../server/server-process.ts';
import { assertKept } from './check-record.ts';
import { exchange } from './exchange.ts';
import { report, rounds, seededRandom } from './fault-run.ts';
import { linkKey, startLoad } from './retrying-load.ts';
import { secret } from './served.ts';

const repeats = rounds(1, 10);

/** A step is relative, an instant is gone to; each lies around a border of days, months, zones or leap days. */
const jumps: ReadonlyArray<readonly [what: string, to: number | Date]> = [
  ['an hour ahead', hour],
  ['an hour back', -hour],
  ['a day ahead', day],
  ['a day back', -day],
  ['the end of a month', new Date('2026-11-30T23:59:59.900Z')],
  ['the month before', new Date('2026-10-31T23:59:59.900Z')],
  ['the end of summer time in Berlin', new Date('2026-10-25T00:59:59.900Z')],
  ['an hour back in the hour that comes twice', -hour],
  ['the beginning of summer time in Berlin', new Date('2027-03-28T00:59:59.900Z')],
  ['the leap day', new Date('2028-02-28T23:59:59.900Z')],
  ['five minutes back', -hour / 12],
  ['where it began', new Date('2026-11-20T12:00:00Z')],
];

describe('a server whose clock jumps', () => {
  it(
    'keeps every acknowledged event once, answers nothing with a 5xx and gives no id twice',
    { timeout: 120_000 + repeats * 60_000 },
    async () => {
      const random = seededRandom();
      let offset = Date.parse('2026-11-20T12:00:00Z') - Date.now();
      const clock = { now: (): number => Date.now() + offset };
      const faults: string[] = [];
      const note = (message: string, details?: unknown): void =>
        void faults.push(`${message} ${JSON.stringify(details)}`);
      const logger = { info: () => undefined, warn: () => undefined, error: note };
      await using pglite = await openMigratedMemory();
      const hw = await createHeadwater({
        database: { pglite },
        secret,
        clock,
        logger,
        geo: false,
        limits: { failedCredentials: { requests: 1, per: { hours: 1 } } },
        links: { domains: [linkHost] },
      });
      await hw.migrate();
      await hw.start();
      orThrow(await hw.links.create({ key: linkKey, url: 'https://shop.example/' }));
      const { key } = orThrow(
        await hw.apiKeys.create({ kind: 'secret', name: 'Load', scopes: ['admin'] }),
      );
      const server = createServer(hw, { basePath: '/hw', logger });
      const origin = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
      const load = startLoad({ origin: () => origin, key, random, clients: 8 });
      await load.acknowledged(50);

      const reads = ['analytics/overview?timezone=Europe/Berlin', 'visitors?limit=5', 'links'];
      const headers = { authorization: `Bearer ${key}` };
      const refused: string[] = [];
      for (let round = 0; round < repeats; round += 1) {
        for (const [what, to] of jumps) {
          offset = typeof to === 'number' ? offset + to : to.getTime() - Date.now();
          await load.acknowledged(25);
          for (const path of reads) {
            const asked = { method: 'GET', headers, patienceMilliseconds: 15_000 } as const;
            const { status, text } = await exchange(`${origin}/hw/api/${path}`, asked);
            if (status !== 200) refused.push(`${what}: ${path} ${status} ${text}`);
          }
        }
      }
      await load.settle();
      await server.stop(1_000);
      await hw.close();
      expect(refused).toEqual([]);
      expect(faults).toEqual([]);
      expect(Object.fromEntries(load.record.unexpected)).toEqual({});
      expect(load.record.unansweredClicks).toBe(0);
      const { events } = await assertKept({ pglite }, [load.record], { rebuilds: false });
      const { rows } = await pglite.query(
        'select id from headwater.session where started_at > last_event_at',
      );
      expect(rows).toEqual([]);
      report('clock', { jumps: repeats * jumps.length, events, lost: 0, twice: 0, '5xx': 0 });
    },
  );
});
