import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { checkRecord } from './check-record.ts';
import { report, rounds, seededRandom } from './fault-run.ts';
import { startLoad } from './retrying-load.ts';
import type { LoadRecord } from './retrying-load.ts';
import { endInOrder, patientClicks, serveFirst } from './served.ts';

const copies = rounds(2, 50);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-copied-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe(`the folder of an embedded server, copied at ${copies} random moments under load`, () => {
  it(
    'opens, with everything that was acknowledged before the copy and nothing twice',
    { timeout: 120_000 + copies * 20_000 },
    async () => {
      const random = seededRandom();
      const data = join(folder, 'data');
      await using server = await serveFirst({ HEADWATER_DATA: data, ...patientClicks });
      const { key } = server;
      const load = startLoad({ origin: () => server.origin, key, random });
      const openings: number[] = [];
      for (let round = 0; round < copies; round += 1) {
        await load.acknowledged(100);
        await sleep(random() * 500);
        const copy = join(folder, 'copy');
        // A process that stands still writes nothing: the copy is what a kill at this moment leaves.
        server.signal('SIGSTOP');
        const acknowledged = acknowledgedOf(load.record);
        cpSync(data, copy, { recursive: true, filter: (path) => !/\block(?:\.|$)/.test(path) });
        server.signal('SIGCONT');
        const start = performance.now();
        const { lost, twice, broken } = await checkRecord({ folder: copy }, [acknowledged], {
          rebuilds: false,
        });
        openings.push(performance.now() - start);
        rmSync(copy, { recursive: true });
        // What was committed and not answered yet is there beside what was acknowledged; doubles are by id.
        expect(lost).toEqual([]);
        expect(broken).toEqual([]);
        expect(twice.filter((what) => !isUntold(what))).toEqual([]);
      }
      await load.settle();
      await endInOrder(server);
      const { events, ...wrong } = await checkRecord({ folder: data }, [load.record]);
      expect(wrong).toEqual({ lost: [], twice: [], broken: [] });
      report('folder copied', {
        copies,
        events,
        lost: 0,
        twice: 0,
        'opened and checked, max ms': Math.round(Math.max(...openings)),
      });
    },
  );
});

/** What had been answered by now. */
function acknowledgedOf(record: LoadRecord): LoadRecord {
  const keyed = [...record.keyed].filter(([, { eventId }]) => eventId !== undefined);
  return { ...record, keyed: new Map(keyed), clicks: new Set(record.clicks) };
}

const isUntold = (what: string): boolean => /nobody was told of|without an answer/.test(what);
