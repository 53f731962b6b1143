import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { hour } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { createLink } from '../links/create-link.ts';
import { eventTypes } from './event.ts';
import { trackEvents } from './track-event.ts';

describe.each(testDatabaseSizes)('the events of the REST API on %s', (size) => {
  let context: TestContext;
  let api: Api;
  let visitorId: string;
  beforeAll(async () => {
    context = await openTestContext(size);
    api = await openApi(context, await context.workspaces.first(), [
      'events:write',
      'read',
      'write',
    ]);
    const { body } = await api<{ visitor: { id: string } }>('POST', '/visitors/identify', {
      person_external_id: 'cust_123',
      person_email: 'alice@example.com',
    });
    visitorId = body.visitor.id;
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it.each(eventTypes)('records %s', async (event_type) => {
    const answer = await api('POST', '/events', {
      visitor_id: visitorId,
      event_type,
      event_name: 'test',
    });
    expect(answer).toMatchObject({
      status: 201,
      body: {
        event_id: expect.any(String),
        outcome: 'accepted',
        visitor_id: visitorId,
        identity: { outcome: expect.any(String) },
      },
    });
  });

  it.each([
    [{ person_external_id: 'cust_123' }],
    [{ person_email: 'Alice@Example.com' }],
    [{ identifiers: [{ kind: 'external_id', value: 'cust_123' }] }],
  ])('finds the visitor by %j', async (names) => {
    const answer = await api('POST', '/events', { ...names, event_type: 'lead' });
    expect(answer).toMatchObject({ status: 201, body: { visitor_id: visitorId } });
  });

  it('takes null for a field that is left out', async () => {
    const answer = await api('POST', '/events', {
      visitor_id: visitorId,
      person_external_id: null,
      event_type: 'sale',
      amount_cents: null,
      currency: null,
      url: null,
      properties: null,
      partner_id: null,
    });
    expect(answer.status).toBe(201);
  });

  it('lets visitor_id win, and does not fall back from one that is unknown', async () => {
    const stranger = '01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa0';
    expect(
      await api('POST', '/events', {
        visitor_id: stranger,
        person_external_id: 'cust_123',
        event_type: 'sale',
      }),
    ).toMatchObject({
      status: 404,
      body: { error: expect.stringMatching(/visitor/i), code: 'visitor_not_found' },
    });
  });

  it('never makes a visitor', async () => {
    expect(
      await api('POST', '/events', { person_external_id: 'nobody', event_type: 'lead' }),
    ).toMatchObject({
      status: 404,
      body: { code: 'visitor_not_found' },
    });
    expect(await api('GET', '/visitors/by-external-id/nobody')).toMatchObject({ status: 404 });
  });

  it('keeps when it happened, what it was worth and what was said of it', async () => {
    const occurred_at = new Date(context.clock.now() - 48 * hour).toISOString();
    const { body } = await api('POST', '/events', {
      visitor_id: visitorId,
      event_type: 'sale',
      amount_cents: 4999,
      currency: 'eur',
      occurred_at,
      properties: { plan: 'pro', items: [{ sku: 1 }] },
    });
    const timeline = await api<Array<Record<string, unknown>>>(
      'GET',
      `/visitors/${visitorId}/timeline?limit=200`,
    );
    expect(timeline.body.find((event) => event['id'] === body['event_id'])).toMatchObject({
      event_type: 'sale',
      amount_cents: 4999,
      currency: 'EUR',
      occurred_at,
      inserted_at: occurred_at,
      recorded_at: new Date(context.clock.now()).toISOString(),
      properties: { plan: 'pro', items: [{ sku: 1 }] },
    });
  });

  it('answers ten posts at once with one idempotency key with one event', async () => {
    const sale = {
      visitor_id: visitorId,
      event_type: 'sale',
      amount_cents: 100,
      idempotency_key: 'order-ten',
    };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => api('POST', '/events', sale)),
    );
    expect(answers.map((answer) => answer.status).sort((left, right) => left - right)).toEqual([
      ...Array<number>(9).fill(200),
      201,
    ]);
    expect(new Set(answers.map((answer) => answer.body['event_id'])).size).toBe(1);
    expect(await api('POST', '/events', { ...sale, amount_cents: 101 })).toMatchObject({
      status: 409,
      body: { code: 'idempotency_conflict' },
    });
  });

  it('counts an event of a sender once by its own id', async () => {
    const event = {
      visitor_id: visitorId,
      event_type: 'lead',
      event_id: '01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa1',
    };
    const first = await api('POST', '/events', event);
    expect(await api('POST', '/events', event)).toMatchObject({
      status: 200,
      body: { event_id: first.body['event_id'], outcome: 'duplicate' },
    });
  });

  it('answers a batch with 201 where all is well and 207 otherwise, also when everything fails', async () => {
    const good = { visitor_id: visitorId, event_type: 'sale', amount_cents: 100 };
    const bad = { person_external_id: 'nobody', event_type: 'lead' };
    const all = await api('POST', '/events/batch', {
      events: [good, { person_external_id: 'cust_123', event_type: 'lead' }],
    });
    expect(all).toMatchObject({
      status: 201,
      body: {
        results: [
          {
            index: 0,
            status: 'ok',
            outcome: 'accepted',
            event_id: expect.any(String),
            identity: {},
          },
          { index: 1, status: 'ok' },
        ],
      },
    });
    const some = await api('POST', '/events/batch', { events: [good, bad, good] });
    expect(some).toMatchObject({
      status: 207,
      body: {
        results: [
          { status: 'ok' },
          {
            index: 1,
            status: 'error',
            outcome: 'rejected',
            error: expect.any(String),
            code: 'visitor_not_found',
          },
          { status: 'ok' },
        ],
      },
    });
    expect(await api('POST', '/events/batch', { events: [bad, bad] })).toMatchObject({
      status: 207,
    });
  });

  it.each([
    ['0001-01-01T00:00:00Z', 'too_old'],
    ['2026-11-23T09:00:00Z', 'in_the_future'],
  ])('refuses what happened at %s with %s', async (occurred_at, code) => {
    const event = { visitor_id: visitorId, event_type: 'lead', occurred_at };
    const refused = { code, errors: { occurred_at: [expect.any(String)] } };
    expect(await api('POST', '/events', event)).toMatchObject({ status: 422, body: refused });
    expect(await api('POST', '/events/batch', { events: [event] })).toMatchObject({
      status: 207,
      body: { results: [{ outcome: 'rejected', ...refused }] },
    });
    for (const path of ['/visitors/resolve', '/visitors/identify']) {
      const person = { person_external_id: 'cust_123', occurred_at };
      expect(await api('POST', path, person)).toMatchObject({ status: 422, body: refused });
    }
  });

  it('looks for the links of a batch once', async () => {
    const workspace = await context.workspaces.first();
    const [one, other] = await Promise.all(
      ['one', 'other'].map(async (key) => {
        const link = { domain: 'go.test', key, url: 'https://shop.test/' };
        return orThrow(await createLink(context, workspace, link)).id;
      }),
    );
    const nobodys = '01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa0';
    const { db } = context.database;
    let asked = 0;
    const counting = db.withPlugin({
      transformQuery({ node }) {
        asked += 1;
        return node;
      },
      transformResult: ({ result }) => Promise.resolve(result),
    });
    const outcomes = await trackEvents(
      { ...context, database: { ...context.database, db: counting } },
      workspace,
      [one, other, one?.toUpperCase(), nobodys].map((linkId) => ({
        type: 'lead',
        visitorId,
        linkId: linkId!,
      })),
    );
    expect(asked).toBe(1);
    expect(outcomes).toMatchObject([
      { value: { outcome: 'accepted' } },
      { value: { outcome: 'accepted' } },
      { value: { outcome: 'accepted' } },
      { ok: false, errors: { linkId: [expect.any(String)] } },
    ]);
    const events = [one, nobodys].map((link_id) => ({
      visitor_id: visitorId,
      event_type: 'lead',
      link_id,
    }));
    expect(await api('POST', '/events/batch', { events })).toMatchObject({
      status: 207,
      body: { results: [{ status: 'ok' }, { errors: { link_id: [expect.any(String)] } }] },
    });
  });

  it('takes a hundred events at once', async () => {
    const events = Array.from({ length: 100 }, (_, index) => ({
      visitor_id: visitorId,
      event_type: 'custom',
      event_name: `n${index}`,
    }));
    const { status, body } = await api<{ results: Array<{ event_id: string }> }>(
      'POST',
      '/events/batch',
      { events },
    );
    expect(status).toBe(201);
    expect(new Set(body.results.map((result) => result.event_id)).size).toBe(100);
  });
});
