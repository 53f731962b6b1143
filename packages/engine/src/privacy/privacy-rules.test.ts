import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import { rowsAsText } from '../../../../test/support/rows.ts';
import type { IncomingEvent } from '../ingest/event.ts';
import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';
import { createWorkspace } from '../workspaces/create-workspace.ts';
import { minimiseEvents } from './minimise-event.ts';
import { privacyRules } from './privacy-rules.ts';
import type { PrivacyPreset } from './privacy-rules.ts';

const landing: Partial<IncomingEvent> = {
  type: 'pageview',
  url: 'https://shop.test/a?x=1&gclid=secret-click&y=%20#top',
  referrer: 'https://ads.test/?fbclid=secret-click',
  ipPrefix: '203.0.113.0/24',
  userAgent: 'Browser',
  profile: { name: 'Ann Secret' },
  arrival: {
    source: { kind: 'campaign', source: 'google', medium: 'cpc' },
    signals: { gclid: 'secret-click' },
  } as never,
};

describe('privacyRules', () => {
  it('lets a preset be tightened and not widened', () => {
    const days = (retentionDays: number | undefined) =>
      privacyRules({
        privacy: 'cnil-exempt',
        ...(retentionDays !== undefined && { retentionDays }),
      }).retention.events;
    expect([days(undefined), days(100), days(5_000)]).toEqual([760, 100, 760]);
    const { retention } = privacyRules({ retentionDays: 30, retention: { machineEvents: 90 } });
    expect(retention).toMatchObject({
      events: 30,
      machineEvents: 30,
      clickIds: 90,
      visits: undefined,
    });
  });

  it('cuts the parameters of advertising clicks out of addresses and leaves the rest as it was', () => {
    const minimise = (event: IncomingEvent) =>
      minimiseEvents({ privacy: 'cookieless' }, [event], 0)[0]!;
    const event = minimise(landing as IncomingEvent);
    expect(event.url).toBe('https://shop.test/a?x=1&y=%20#top');
    expect(event.referrer).toBe('https://ads.test/');
    const plain = minimise({
      ...(landing as IncomingEvent),
      url: 'https://shop.test/%E0%A4?%zz=1',
    });
    expect(plain.url).toBe('https://shop.test/%E0%A4?%zz=1');
  });
});

describe('a privacy preset', () => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext('pglite');
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const storedTexts = async (workspaceId: string): Promise<string> => {
    const tables = ['event', 'session', 'touch', 'visitor', 'identity'];
    const rows = await Promise.all(tables.map((table) => rowsAsText(context, table)));
    return rows
      .flat()
      .filter((row) => row.includes(workspaceId))
      .join('\n');
  };

  it('standard stores networks and click ids', async () => {
    const people = await openNewPeople(context, { privacy: 'standard' });
    await people.see('device:a', 1, { type: 'pageview', more: landing });
    const stored = await storedTexts(people.workspace.id);
    expect(stored).toContain('203.0.113.0/24');
    expect(stored).toContain('secret-click');
  });

  it('cookieless stores neither, and still identifies whom the product names', async () => {
    const people = await openNewPeople(context, { privacy: 'cookieless' });
    await people.see('device:a', 1, { type: 'pageview', more: landing });
    await people.see('user:ann mail:ann device:a', 2);
    const stored = await storedTexts(people.workspace.id);
    expect(stored).not.toContain('203.0.113');
    expect(stored).not.toContain('secret-click');
    expect(await people.hw.visitors.getByExternalId('ann')).toMatchObject({ externalId: 'ann' });
  });

  it('cnil-exempt stores no click ids, knows nobody by name and joins nobody', async () => {
    const people = await openNewPeople(context, { privacy: 'cnil-exempt' });
    const click = await people.see('device:link-host', 1, { type: 'link_click' });
    const seen = await people.see('device:a', 2, {
      type: 'pageview',
      more: { ...landing, arrival: { ...landing.arrival!, clickId: click.eventId } },
    });
    expect(seen.personId).not.toBe(click.personId);
    expect(
      await people.see('user:ann mail:ann device:a', 3, {
        more: { profile: { name: 'Ann Secret' } },
      }),
    ).toMatchObject({
      personId: seen.personId,
      identity: { outcome: 'known', demoted: ['external_id', 'email'] },
    });
    expect(
      await context.ingest.submit(
        people.incoming({ who: 'user:ann', at: 4, type: 'sale', more: { createsVisitor: false } }),
      ),
    ).toMatchObject({ code: 'visitor_not_found' });
    expect(
      await people.hw.visitors.merge({
        visitorId: seen.visitorId!,
        otherVisitorId: click.visitorId!,
      }),
    ).toMatchObject({ ok: true });
    expect(await people.find('device:a')).not.toMatchObject({ rootId: click.personId });
    const stored = await storedTexts(people.workspace.id);
    expect(stored).not.toContain('secret-click');
    expect(stored).not.toContain('external_id');
    const visitors = await rowsAsText(context, 'visitor');
    expect(
      visitors
        .filter((row) => row.includes(people.workspace.id))
        .every((row) => !row.includes('\\x')),
    ).toBe(true);
  });

  it('is set over the API and stated there', async () => {
    const { workspace } = await openNewPeople(context);
    const api = await openApi(context, workspace);
    const settings = { privacy: 'cnil-exempt', retention: { visits: 30 } };
    expect(await api('PATCH', '/workspace', { settings })).toMatchObject({
      status: 200,
      body: { settings },
    });
    expect(await api('GET', '/privacy/statement')).toMatchObject({
      body: {
        preset: 'cnil-exempt',
        people: false,
        click_ids: false,
        retention_days: { events: 760, visits: 30 },
        sentences: expect.arrayContaining([
          'Ids of advertising clicks are not stored, and are cut out of addresses.',
        ]) as unknown,
      },
    });
    expect(await api('PATCH', '/workspace', { settings: { privacy: 'none' } })).toMatchObject({
      status: 422,
    });
    expect(
      await createWorkspace(context, { name: 'Wrong', settings: { privacy: 'none' as never } }),
    ).toMatchObject({ ok: false, errors: { 'settings.privacy': [expect.any(String)] } });
  });

  it('says of every table what it holds', async () => {
    const { hw } = await openNewPeople(context);
    const { tables } = await hw.privacy.statement();
    expect(tables.filter(({ says }) => says.length < 10)).toEqual([]);
    expect(tables.find(({ name }) => name === 'event')).toMatchObject({ whenForgotten: 'erased' });
  });
});

describe('the cookies of a redirect', () => {
  const cookiesUnder = async (privacy: PrivacyPreset, sent?: string): Promise<string[]> => {
    await using hw = await createTestHeadwater({ links: { domains: ['go.test'] } });
    orThrow(await hw.workspaces.update({ settings: { privacy } }));
    orThrow(await hw.links.create({ domain: 'go.test', key: 'a', url: 'https://shop.test/' }));
    const answer = await hw.handler(
      new Request('https://go.test/a', {
        headers: {
          'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
          ...(sent !== undefined && { cookie: sent }),
        },
      }),
    );
    return answer.headers.getSetCookie();
  };
  const known = '_hw_visitor=AAAAAAAAAAAAAAAAAAAAAA';

  it('live for 400 days from the last visit under standard', async () => {
    const cookies = await cookiesUnder('standard', known);
    expect(cookies).toEqual([
      expect.stringMatching(/^_hw_visitor=A{22};.*Max-Age=34560000;/),
      expect.stringMatching(/^_hw_click=/),
    ]);
  });

  it('are none under cookieless', async () => {
    expect(await cookiesUnder('cookieless')).toEqual([]);
  });

  it('live for 13 months from the first visit under cnil-exempt', async () => {
    expect(await cookiesUnder('cnil-exempt')).toEqual([
      expect.stringMatching(/^_hw_visitor=.*Max-Age=34128000;/),
    ]);
    expect(await cookiesUnder('cnil-exempt', known)).toEqual([]);
  });
});
