import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { createScriptedPlatform } from '../../../../test/support/scripted-connector.ts';

interface Row {
  readonly id: string;
  readonly status: string;
  readonly event_id: string;
}

describe('the REST API of connectors', () => {
  const platform = createScriptedPlatform();
  let context: TestContext;
  let people: People;
  let api: Api;
  beforeAll(async () => {
    context = await openTestContext('pglite', {
      connectors: { own: [platform.connector], fetch: platform.fetch },
    });
    people = await openNewPeople(context);
    api = await openApi(context, people.workspace);
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('lists the connectors that there are, with what each needs', async () => {
    const { status, body } = await api<Array<{ type: string }>>('GET', '/connectors');
    expect(status).toBe(200);
    expect(body.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['meta', 'google', 'linkedin', 'tiktok', 'stand_in']),
    );
    expect((await api('GET', '/connectors/stand_in')).body).toMatchObject({
      enabled: false,
      required_signals: [['gclid', 'email']],
      credentials: [
        { name: 'account', secret: false, is_set: false },
        { name: 'api_key', secret: true, is_set: false },
      ],
      settings: [{ name: 'version', type: 'text', value: 'v1', default: 'v1' }],
    });
    expect(await api('GET', '/connectors/nobody')).toMatchObject({
      status: 404,
      body: { code: 'connector_not_found' },
    });
  });

  it('switches one on, and tells no credentials', async () => {
    const { status, body } = await api('PATCH', '/connectors/stand_in', {
      enabled: true,
      event_types: ['sale', 'refund'],
      credentials: { account: people.workspace.id, api_key: 'secret-1' },
    });
    expect([status, body]).toMatchObject([
      200,
      {
        enabled: true,
        event_types: ['sale', 'refund'],
        credentials: [{ is_set: true }, { is_set: true }],
      },
    ]);
    expect(JSON.stringify(body)).not.toContain('secret-1');
    expect(
      await api('PATCH', '/connectors/stand_in', { event_types: ['lead'], settings: { x: 1 } }),
    ).toMatchObject({
      status: 422,
      body: { errors: { 'settings.x': ['is not one of version'] } },
    });
    const reader = await openApi(context, people.workspace, ['read', 'write']);
    expect(await reader('PATCH', '/connectors/stand_in', { enabled: false })).toMatchObject({
      status: 403,
    });
  });

  it('takes signals and consent with an event, and shows what became of it', async () => {
    await people.see('user:ann mail:ann', 1);
    const sold = await api<{ event_id: string }>('POST', '/events', {
      event_type: 'sale',
      person_external_id: 'ann',
      amount_cents: 4_950,
      currency: 'EUR',
      connector_signals: { _fbp: 'fb.1.123', gclid: 'click-1' },
      consent: { ads: 'granted' },
    });
    expect(sold.status).toBe(201);
    const [waiting] = (await api<Row[]>('GET', '/dispatches?status=pending')).body;
    expect(waiting).toMatchObject({ event_id: sold.body.event_id, status: 'pending' });
    expect((await api('GET', `/dispatches/${waiting!.id}/preview`)).body).toMatchObject({
      sends: true,
      payload: { signals: { _fbp: 'fb.1.123', gclid: 'click-1' }, value: '4950 EUR' },
      request: { headers: { 'x-api-key': '[secret]' } },
      match: { score: 98 },
    });
    await people.hw.connectors.deliverDue();
    expect((await api('GET', `/dispatches/${waiting!.id}`)).body).toMatchObject({
      status: 'delivered',
      platform_event_id: sold.body.event_id,
      matched_by: 'gclid',
      match_quality: 98,
      history: [{ outcome: 'delivered' }],
    });
    expect((await api('GET', '/dispatches/summary')).body).toEqual([
      { connector: 'stand_in', status: 'delivered', reason: null, count: 1 },
    ]);
    expect((await api('GET', '/connectors/claims?to=2026-11-22T00:00:00Z')).body).toMatchObject({
      rows: [{ connector: 'stand_in', claimed: { conversions: 1 } }],
    });
  });

  it('replays after a preview, and plans what was not planned', async () => {
    expect(
      (await api('POST', '/dispatches/replay', { status: 'delivered', preview: true })).body,
    ).toEqual({ count: 1, by_connector: { stand_in: 1 }, more: false });
    expect((await api('POST', '/dispatches/replay', { status: 'delivered' })).body).toMatchObject({
      count: 1,
    });
    expect((await api<Row[]>('GET', '/dispatches')).body).toMatchObject([{ status: 'pending' }]);
    expect((await api('POST', '/dispatches/reconcile')).body).toEqual({ planned: { stand_in: 0 } });
    expect(await api('GET', '/dispatches?status=lost')).toMatchObject({ status: 422 });
    expect(await api('GET', `/dispatches/${people.workspace.id}`)).toMatchObject({
      status: 404,
      body: { code: 'dispatch_not_found' },
    });
  });

  it('says which time a report of claims cannot be read with, and how times are written', async () => {
    const rule = 'must be a time as in RFC 3339, for example 2026-12-31T23:59:59Z';
    expect(await api('GET', '/connectors/claims?from=yesterday')).toMatchObject({
      status: 422,
      body: { code: 'validation_failed', errors: { from: [rule] } },
    });
  });

  it('refuses consent that is none', async () => {
    expect(
      await api('POST', '/events', {
        event_type: 'lead',
        person_external_id: 'ann',
        consent: { ads: 'maybe' },
      }),
    ).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
  });
});
