import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { callWith, openApi } from '../../../../test/support/api.ts';
import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import { createApp } from '../http/app.ts';
import { insertIntoInbox } from '../ingest/inbox-store.ts';
import { orThrow } from '../kernel/result.ts';
import { personTables } from './table-rule.ts';

describe.each(testDatabaseSizes)('exportPerson on %s', (size) => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext(size);
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('gives every row of one person, with what is encrypted in clear, and nobody else', async () => {
    const people = await openNewPeople(context);
    await people.see('user:ann mail:ann device:cookie-a', 1, {
      more: { profile: { name: 'Ann', metadata: { plan: 'pro' } } },
    });
    await people.see('user:ann', 2, {
      type: 'sale',
      more: { amountMinor: '4900', currency: 'EUR', properties: { basket: [1, 'two'] } },
    });
    await people.see('user:ben mail:ben device:cookie-b', 3);
    await insertIntoInbox(
      context.database.db,
      people.incoming({ who: 'mail:ann', at: 4, type: 'lead' }),
      context.clock.now(),
    );
    const { rootId } = (await people.find('user:ann'))!;
    const exported = orThrow(await people.hw.privacy.export({ email: ' ANN@people.test' }));
    expect(exported).toMatchObject({
      format: 'headwater-person-1',
      workspace_id: people.workspace.id,
      visitor_id: rootId,
      exported_at: '2026-11-21T09:00:00.000Z',
    });
    expect(Object.keys(exported.tables)).toEqual(personTables);
    const { identity, visitor, event, visitor_revenue: revenue, inbox } = exported.tables;
    expect(identity.map(({ kind, value }) => `${String(kind)} ${String(value)}`).sort()).toEqual([
      'email ann@people.test',
      'external_id ann',
      'visitor null',
    ]);
    expect(visitor.find(({ profile }) => profile !== null)).toMatchObject({
      profile: { name: 'Ann', metadata: { plan: 'pro' } },
    });
    expect(event).toMatchObject([
      { type: 'identify', occurred_at: '2026-11-20T12:01:00.000Z' },
      { type: 'sale', amount_minor: 4900, currency: 'EUR', properties: { basket: [1, 'two'] } },
    ]);
    expect(revenue).toMatchObject([{ currency: 'EUR', amount_minor: 4900 }]);
    expect(inbox).toHaveLength(1);
    expect(exported.tables.event_key).toHaveLength(2);
    const text = JSON.stringify(exported);
    for (const foreign of ['ben', 'value_hash', '"data"'])
      expect([foreign, text.includes(foreign)]).toEqual([foreign, false]);
  });

  it('reads long lives page by page', async () => {
    const people = await openNewPeople(context);
    await people.see('device:long', 0, { type: 'pageview' });
    for (let hour = 0; hour < 3; hour += 1)
      await people.seeTogether(
        Array.from({ length: 400 }, () => ({ who: 'device:long', at: hour, type: 'pageview' })),
      );
    const { visitorId } = (await people.find('device:long'))!;
    const { tables } = orThrow(await people.hw.privacy.export({ visitorId }));
    expect(new Set(tables.event.map((row) => row['id'])).size).toBe(1_201);
    expect(tables.event).toHaveLength(1_201);
  });

  it('is told by the API as lines, needs the scope of an administrator, and stores no answer', async () => {
    const people = await openNewPeople(context);
    await people.see('user:cyd mail:cyd', 1);
    const api = await openApi(context, people.workspace);
    const answer = await createApp(context).request('http://api.test/hw/api/privacy/export', {
      method: 'POST',
      headers: {
        authorization: `Bearer ${api.key}`,
        'content-type': 'application/json',
        'idempotency-key': 'once',
      },
      body: JSON.stringify({ person_email: 'cyd@people.test' }),
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'application/x-ndjson',
    ]);
    const [head, ...lines] = (await answer.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(head).toMatchObject({ format: 'headwater-person-1' });
    expect(lines).toContainEqual({
      table: 'identity',
      row: expect.objectContaining({ kind: 'email', value: 'cyd@people.test' }) as unknown,
    });
    const stored = await context.database.db
      .selectFrom('idempotent_request')
      .selectAll()
      .where('workspace_id', '=', people.workspace.id)
      .execute();
    expect(stored).toEqual([]);

    const reader = callWith(context, {
      authorization: `Bearer ${(await openApi(context, people.workspace, ['read', 'write'])).key}`,
    });
    for (const path of ['export', 'forget', 'lift']) {
      expect(
        await reader('POST', `/privacy/${path}`, { person_email: 'cyd@people.test' }),
      ).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } });
    }
    expect(await reader('GET', '/privacy/statement')).toMatchObject({
      status: 200,
      body: { preset: 'standard', retention_days: { events: null, click_ids: 90 } },
    });
  });

  it('forgets and lifts over the API, with a receipt that a repeat gets too', async () => {
    const people = await openNewPeople(context);
    await people.see('user:dan mail:dan', 1);
    const api = await openApi(context, people.workspace);
    const forget = (key: string) =>
      api(
        'POST',
        '/privacy/forget',
        { person_external_id: 'dan' },
        {
          headers: { 'idempotency-key': key },
        },
      );
    const first = await forget('a');
    expect(first).toMatchObject({ status: 200, body: { rows: { event: 1, identity: 2 } } });
    expect((await forget('a')).body).toEqual(first.body);
    expect((await forget('b')).body).toEqual(first.body);
    const event = { person_external_id: 'dan', event_type: 'lead' };
    expect(await api('POST', '/events', event)).toMatchObject({
      status: 410,
      body: { code: 'visitor_erased' },
    });
    const dan = { person_external_id: 'dan', person_email: 'dan@people.test' };
    expect(await api('POST', '/visitors/identify', dan)).toMatchObject({ status: 410 });
    expect(await api<{ kinds: string[] }>('POST', '/privacy/lift', dan)).toMatchObject({
      status: 200,
      body: { kinds: expect.arrayContaining(['email', 'external_id']) as unknown },
    });
    expect(await api('POST', '/visitors/identify', dan)).toMatchObject({
      status: 200,
      body: { identity: { outcome: 'created' } },
    });
  });

  it('insists on exactly one name, and says which fields', async () => {
    const people = await openNewPeople(context);
    const api = await openApi(context, people.workspace);
    for (const body of [{}, { person_email: 'a@b.test', person_phone: '+4917112345' }]) {
      expect(await api('POST', '/privacy/export', body)).toMatchObject({
        status: 422,
        body: { code: 'validation_failed', errors: { visitor_id: [expect.any(String)] } },
      });
    }
    expect(
      await api('POST', '/privacy/forget', { person_email: 'nobody@people.test' }),
    ).toMatchObject({ status: 404, body: { code: 'visitor_not_found' } });
  });
});
