import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';
import { createBrowserProof } from '../capture/browser-proof.ts';
import type { PrivacyPreset } from './privacy-rules.ts';

const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const token = 'abcdefghijklmnopqrstuv';
/** What no column may have under a preset that leaves people and advertising out. */
const secrets = ['secret-click', 'secret-print', 'Ann', 'ann@people.test', '203.0.113.7', token];

/** What a page may send at most, and what each column has of it. */
describe.each<[PrivacyPreset]>([['standard'], ['cookieless'], ['cnil-exempt']])(
  'an event of a page under %s',
  (privacy) => {
    let pglite: PGlite;
    let hw: TestHeadwater;
    let answer: Response;
    let told: Record<string, unknown>;
    beforeAll(async () => {
      pglite = await PGlite.create();
      hw = await createTestHeadwater({
        database: { pglite },
        links: { domains: ['shop.test'] },
        geo: { provider: { locate: () => ({ countryCode: 'DE', country: 'Germany' }) } },
      });
      orThrow(await hw.workspaces.update({ settings: { privacy } }));
      await hw.places.ready();
      const externalId = 'ann-1';
      const email = 'ann@people.test';
      answer = await hw.handler(
        new Request('https://shop.test/hw/t/event', {
          method: 'POST',
          headers: { host: 'shop.test', 'user-agent': chrome, cookie: `_hw_visitor=${token}` },
          body: JSON.stringify({
            url: 'https://shop.test/pricing?plan=pro&gclid=secret-click',
            referrer: 'https://ads.test/?fbclid=secret-click',
            event_name: 'viewed',
            anonymous_id: token,
            properties: { plan: 'pro' },
            signals: { _fbp: 'secret-click' },
            fingerprint: 'secret-print',
            person_external_id: externalId,
            person_email: email,
            person_name: 'Ann',
            proof: createBrowserProof(await hw.workspaces.first(), externalId, email),
            consent: { analytics: 'granted' },
          }),
        }),
        { remoteAddress: '203.0.113.7' },
      );
      told = (await answer.json()) as Record<string, unknown>;
    }, 60_000);
    afterAll(async () => {
      await hw.close();
      await pglite.close();
    });

    const rows = async (table: string): Promise<readonly Record<string, unknown>[]> =>
      (await pglite.query<Record<string, unknown>>(`select * from headwater.${table}`)).rows;
    /** The columns that have something, but ids, times and counters. */
    const kept = async (table: string) =>
      (await rows(table)).map((row) =>
        Object.fromEntries(
          Object.entries(row).filter(
            ([name, value]) =>
              value !== null &&
              !['number', 'bigint', 'boolean'].includes(typeof value) &&
              !/(?:^|_)(?:id|at)$/.test(name),
          ),
        ),
      );
    const isStandard = privacy === 'standard';
    const addresses = isStandard
      ? {
          url: 'https://shop.test/pricing?plan=pro&gclid=secret-click',
          referrer: 'https://ads.test/?fbclid=secret-click',
        }
      : { url: 'https://shop.test/pricing?plan=pro', referrer: 'https://ads.test/' };
    const { url, referrer } = addresses;

    it('is accepted, and says whether the page is recognised', () => {
      expect(answer.status).toBe(200);
      expect(told).toMatchObject({ status: 'ok', outcome: 'accepted' });
      expect(told['cookieless']).toBe(privacy === 'cookieless' ? true : undefined);
      const cookies = { standard: 1, cookieless: 0, 'cnil-exempt': 0 } as const;
      expect(answer.headers.getSetCookie()).toHaveLength(cookies[privacy]);
    });

    it('is in event with its address and properties', async () => {
      expect(await kept('event')).toEqual([
        {
          type: 'pageview',
          name: 'viewed',
          origin: 'beacon',
          url,
          referrer,
          properties: { plan: 'pro', ...(isStandard && { fingerprint: 'secret-print' }) },
        },
      ]);
    });

    it('is in touch with its source, and ids of advertising clicks as far as they are kept', async () => {
      expect(await kept('touch')).toEqual([
        {
          kind: 'campaign',
          source: 'google',
          medium: 'paid',
          channel: 'Paid Search',
          platform: 'google_ads',
          click_id_type: 'gclid',
          confidence: 'high',
          rule: 'click_id.gclid',
          rules_version: expect.any(String),
          referrer_host: 'ads.test',
          url,
          referrer,
          consent: { analytics: 'granted' },
          ...(isStandard && { signals: { gclid: 'secret-click', _fbp: 'secret-click' } }),
        },
      ]);
    });

    it('is in session with device and country, and the network as far as it is kept', async () => {
      expect(await kept('session')).toEqual([
        {
          entry_url: url,
          exit_url: url,
          user_agent: chrome,
          browser: 'Chrome',
          system: 'Linux',
          device_type: 'desktop',
          country_code: 'DE',
          ...(privacy !== 'cookieless' && { ip_prefix: '203.0.113.0/24' }),
        },
      ]);
    });

    it('is of a visitor that is identified as far as people are', async () => {
      const knows = privacy !== 'cnil-exempt';
      const held = { session_source: 'google|paid||gclid|', session_exit_url: url };
      const device = { ...held, status: 'anonymous' };
      const known = { status: 'identified' };
      const profile = expect.any(Uint8Array) as unknown;
      expect(byStatus(await kept('visitor'))).toEqual(
        byStatus(
          {
            standard: [device, known, { ...known, profile }],
            // Nothing but the external id says who it was: its visitor has the visit.
            cookieless: [known, { ...held, ...known, profile }],
            'cnil-exempt': [device],
          }[privacy],
        ),
      );
      const identities = await rows('identity');
      expect(identities.map(({ kind }) => String(kind)).toSorted()).toEqual(
        {
          standard: ['email', 'external_id', 'visitor'],
          cookieless: ['email', 'external_id'],
          'cnil-exempt': ['visitor'],
        }[privacy],
      );
      expect(identities.some(({ value }) => value !== null)).toBe(knows);
    });

    it('leaves nothing else anywhere', async () => {
      const { rows: tables } = await pglite.query<{ name: string }>(
        `select c.relname as name from pg_class c where c.relnamespace = 'headwater'::regnamespace and c.relkind in ('r', 'p')`,
      );
      const texts = await Promise.all(
        tables.map(async ({ name }) =>
          (
            await pglite.query<{ row: string }>(`select t::text as row from headwater."${name}" t`)
          ).rows
            .map(({ row }) => row)
            .join('\n'),
        ),
      );
      const found = secrets.filter((secret) => texts.some((text) => text.includes(secret)));
      expect(found).toEqual(isStandard ? ['secret-click', 'secret-print'] : []);
    });
  },
);

function byStatus(visitors: readonly object[]): readonly object[] {
  return visitors.toSorted((left, right) => Object.keys(left).length - Object.keys(right).length);
}

describe('a fingerprint', () => {
  it.each<[PrivacyPreset, number]>([
    ['standard', 1],
    ['cookieless', 0],
    ['cnil-exempt', 0],
  ])('that the host passes on under %s makes %d identifiers', async (privacy, expected) => {
    const pglite = await PGlite.create();
    const hw = await createTestHeadwater({ database: { pglite } });
    orThrow(await hw.workspaces.update({ settings: { privacy } }));
    const identifiers = [{ kind: 'fingerprint', value: 'secret-print' }];
    const event = {
      type: 'custom',
      name: 'x',
      identifiers,
      properties: { fingerprint: 'f1' },
    } as const;
    orThrow(await hw.events.track(event, { createsVisitor: true }));
    const { rows } = await pglite.query('select 1 from headwater.identity');
    expect(rows).toHaveLength(expected);
    const { rows: events } = await pglite.query('select properties from headwater.event');
    expect(events).toEqual([{ properties: privacy === 'standard' ? { fingerprint: 'f1' } : {} }]);
    await hw.close();
    await pglite.close();
  });
});
