import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { PGlite } from '@electric-sql/pglite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import { createClickRecorder } from '../capture/record-click.ts';
import { openSpool } from '../capture/spool.ts';
import type { IncomingEvent } from '../ingest/event.ts';
import { day } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';
import { openMigratedMemory } from '../testing/template.ts';
import { minimiseEvents } from './minimise-event.ts';
import type { PrivacyPreset } from './privacy-rules.ts';

const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const presets: ReadonlyArray<readonly [PrivacyPreset, kept: boolean]> = [
  ['standard', true],
  ['cookieless', false],
  ['cnil-exempt', false],
];
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headwater-minimise-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('minimiseEvents', () => {
  const now = Date.UTC(2026, 10, 21);
  const landing = (days: number) =>
    ({
      occurredAt: now - days * day,
      url: 'https://shop.test/?gclid=old&x=1',
      referrer: 'https://ads.test/?fbclid=old',
      ipPrefix: '203.0.113.0/24',
      arrival: { source: { kind: 'campaign' }, signals: { gclid: 'old' }, clickId: 'ours' },
    }) as unknown as IncomingEvent;

  it('lets no click id in that is older than click ids are kept', () => {
    const [late, recent] = minimiseEvents({}, [landing(91), landing(89)], now);
    expect(late).toEqual({
      ...landing(91),
      url: 'https://shop.test/?x=1',
      referrer: 'https://ads.test/',
      arrival: { source: { kind: 'campaign' }, clickId: 'ours' },
    });
    expect(recent).toEqual(landing(89));
    const [kept] = minimiseEvents({ retention: { clickIds: 365 } }, [landing(91)], now);
    expect(kept).toEqual(landing(91));
  });

  it('is no work where nothing has to go', () => {
    const events = [landing(1), landing(89)];
    expect(minimiseEvents({}, events, now)).toBe(events);
  });
});

describe('what waits for a batch', () => {
  let pglite: PGlite;
  let hw: TestHeadwater;
  beforeEach(async () => {
    pglite = await openMigratedMemory();
    hw = await createTestHeadwater({
      database: { pglite },
      links: { domains: ['go.shop.test'] },
      clickPatience: { seconds: 10 },
    });
  }, 60_000);
  afterEach(async () => {
    await hw.close();
    await pglite.close();
  });

  const texts = async (table: string): Promise<string> =>
    (await pglite.query<{ text: string }>(`select t::text as text from headwater.${table} t`)).rows
      .map(({ text }) => text)
      .join('\n');

  it.each(presets)('in the inbox is no more than %s stores', async (privacy, kept) => {
    orThrow(await hw.workspaces.update({ settings: { privacy } }));
    const write = (options: object) =>
      hw.events.track(
        {
          type: 'custom',
          name: 'visited',
          externalId: 'secret-customer',
          email: 'secret@shop.test',
          personName: 'Ann Secret',
          url: 'https://shop.test/?gclid=secret-click&x=1',
          referrer: 'https://ads.test/?fbclid=secret-click',
          signals: { _fbp: 'fb.1.1.secret' },
        },
        options,
      );
    await pglite.transaction(async (tx) => orThrow(await write({ tx })));
    const inbox = await texts('inbox');
    expect(inbox).toContain('https://shop.test/?');
    expect(inbox.includes('secret-click')).toBe(kept);
    expect(inbox.includes('fb.1.1.secret')).toBe(kept);
    const names = ['secret-customer', 'secret@shop.test', 'Ann Secret'];
    expect(names.map((name) => inbox.includes(name))).toEqual(
      names.map(() => privacy !== 'cnil-exempt'),
    );
  });

  it.each(presets)('for a prefetched click is no more than %s stores', async (privacy, kept) => {
    orThrow(await hw.workspaces.update({ settings: { privacy } }));
    orThrow(
      await hw.links.create({ domain: 'go.shop.test', key: 'go', url: 'https://shop.test/' }),
    );
    const answer = await hw.handler(
      new Request('https://go.shop.test/go?gclid=secret-click&x=1', {
        headers: { 'user-agent': chrome, 'sec-purpose': 'prefetch' },
      }),
      { remoteAddress: '203.0.113.7' },
    );
    expect(answer.status).toBe(302);
    const click = await texts('pending_click');
    expect(click).toContain('x=1');
    expect(click.includes('secret-click')).toBe(kept);
    expect(click.includes('203.0.113')).toBe(privacy !== 'cookieless');
  });
});

describe('what waits on the disk', () => {
  it.each([...presets, ['nobody knows what', false] as const])(
    'under %s is no more than is stored',
    async (privacy, kept) => {
      const context = await openTestContext('pglite');
      const isKnown = privacy !== 'nobody knows what';
      const people = await openNewPeople(context, isKnown ? { privacy } : {});
      // Another process has never heard of the workspace.
      const process = isKnown ? context : context.another();
      const spool = await openSpool({ folder, logger: context.logger });
      await context.database.close();
      const recorder = createClickRecorder(process, spool);
      const click = people.incoming({
        who: 'device:d',
        at: 1,
        type: 'link_click',
        more: {
          url: 'https://go.shop.test/go?gclid=secret-click&x=1',
          referrer: 'https://ads.test/?fbclid=secret-click',
          ipPrefix: '203.0.113.0/24',
          arrival: {
            source: { kind: 'campaign', source: 'go', medium: 'link' },
            signals: { gclid: 'secret-click' },
          } as never,
        },
      });
      await recorder.record(click);
      await recorder.hold({ ...click, id: context.createId(0) });
      await spool.close();
      expect(recorder.stats).toMatchObject({ spooled: 2, lost: 0 });
      const files = await Promise.all(
        (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')),
      );
      const lines = files.join('').trim().split('\n');
      expect(lines).toHaveLength(2);
      for (const line of lines) {
        expect(line).toContain('x=1');
        expect(line.includes('secret-click')).toBe(kept);
        expect(line.includes('203.0.113')).toBe(
          privacy === 'standard' || privacy === 'cnil-exempt',
        );
      }
    },
    30_000,
  );
});
