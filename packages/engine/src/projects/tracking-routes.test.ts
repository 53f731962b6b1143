import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { callWith, openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { UnavailableError } from '../kernel/errors.ts';

const path = '/v1/tracking/events';

describe('the tracking endpoint', () => {
  let context: TestContext;
  let admin: Api;
  let api: Api & { readonly key: string };
  beforeAll(async () => {
    context = await openTestContext('pglite', {
      limits: { tracking: { requests: 40, per: { minutes: 1 } } },
    });
    const workspace = await context.workspaces.first();
    admin = await openApi(context, workspace);
    api = await openApi(context, workspace, ['tracking:write']);
    await admin('POST', '/projects', { slug: 'my-startup' });
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const event = (more: object = {}) => ({
    startup_slug: 'my-startup',
    event_type: 'user_registered',
    user_id: 'usr_1',
    event_id: crypto.randomUUID(),
    ...more,
  });

  it('accepts an event as the document has it, and a repeat of it as a duplicate', async () => {
    const sent = event({
      occurred_at: '2026-04-01T12:00:00+02:00',
      metadata: { plan: 'pro', source: 'web' },
      action: 'add',
    });
    const first = await api('POST', path, sent);
    expect([first.status, first.body]).toEqual([202, { status: 'accepted' }]);
    const again = await api('POST', path, { ...sent, occurred_at: '2026-04-01T10:00:00Z' });
    expect([again.status, again.body]).toEqual([202, { status: 'accepted', duplicate: true }]);
    const { body } = await admin('GET', '/projects/my-startup');
    expect(body).toMatchObject({
      slug: 'my-startup',
      counts: [
        { event_type: 'user_registered', count: 1, added: 1, removed: 0, unmatched: 0 },
        { event_type: 'user_converted', count: 0 },
      ],
    });
    const visitor = await admin<{ id: string }>('GET', '/visitors/by-external-id/usr_1');
    const timeline = await admin('GET', `/visitors/${visitor.body.id}/timeline`);
    expect(timeline.body).toMatchObject([
      {
        event_type: 'registration',
        event_name: 'user_registered',
        properties: { plan: 'pro', source: 'web', project: 'my-startup' },
      },
    ]);
  });

  it('takes a whole number as the id of a user', async () => {
    expect((await api('POST', path, event({ user_id: 4711 }))).status).toBe(202);
    expect((await admin('GET', '/visitors/by-external-id/4711')).status).toBe(200);
    expect((await api('POST', path, event({ user_id: 1.5 }))).status).toBe(422);
  });

  it('refuses the same event id with another body', async () => {
    const sent = event();
    await api('POST', path, sent);
    const other = await api('POST', path, { ...sent, metadata: { plan: 'free' } });
    expect([other.status, other.body]).toEqual([
      409,
      { error: 'This event id belongs to another event', code: 'event_id_conflict' },
    ]);
  });

  it('looks at the key, its scope, the size, the JSON, the project and the fields in this order', async () => {
    const raw = `"${'x'.repeat(1024 * 1024)}`;
    const nobody = callWith(context, { authorization: 'Bearer hw_sk_wrong' });
    expect((await nobody('POST', path, undefined, { raw })).status).toBe(401);
    const reader = await openApi(context, await context.workspaces.first(), ['read']);
    expect(await reader('POST', path, undefined, { raw })).toMatchObject({
      status: 403,
      body: { code: 'insufficient_scope' },
    });
    expect((await api('POST', path, undefined, { raw })).status).toBe(413);
    expect((await api('POST', path, undefined, { raw: '{' })).status).toBe(400);
    expect(await api('POST', path, { startup_slug: 'another', event_type: 1 })).toMatchObject({
      status: 404,
      body: { error: 'startup not found', code: 'project_not_found' },
    });
    expect(await api('POST', path, event({ startup_slug: 'my\0startup' }))).toMatchObject({
      status: 404,
      body: { code: 'project_not_found' },
    });
    expect((await api('POST', path, event({ startup_slug: 7 }))).status).toBe(422);
    expect(await api('POST', path, event({ event_type: 'signed_up' }))).toMatchObject({
      status: 422,
      body: {
        error: 'event_type must be user_registered or user_converted',
        code: 'validation_failed',
        errors: { event_type: ['must be user_registered or user_converted'] },
      },
    });
  });

  it.each([
    ['a time without an offset', { occurred_at: '2026-04-01T12:00:00' }, 'occurred_at'],
    ['more than ten minutes ahead', { occurred_at: '2026-11-21T09:11:00Z' }, 'occurred_at'],
    ['no user', { user_id: '' }, 'user_id'],
    ['no event id', { event_id: undefined }, 'event_id'],
    ['an action that is none', { action: 'toggle' }, 'action'],
    ['a user whom no database can hold', { user_id: 'a\0b' }, 'user_id'],
    ['an event id that no database can hold', { event_id: 'a\0b' }, 'event_id'],
    ['half of a surrogate pair', { metadata: { plan: '\ud800' } }, 'metadata.plan'],
    ['a key that no database can hold', { metadata: { 'a\0': 1 } }, 'metadata.a?'],
    ['metadata that is no object', { metadata: ['a'] }, 'metadata'],
    ['too much metadata', { metadata: { text: 'x'.repeat(40_000) } }, 'metadata'],
    ['a field that is none', { amount: 12 }, 'amount'],
  ])('refuses %s, naming the field', async (_what, more, field) => {
    const { status, body } = await api('POST', path, event(more));
    expect(status).toBe(422);
    expect(Object.keys(body['errors'] as object)).toEqual([field]);
  });

  it('answers each event of a batch in its place', async () => {
    const { startup_slug: slug, ...sent } = event({ user_id: 'batch' });
    const conflicting = { ...sent, user_id: 'x' };
    const events = [sent, { ...sent, event_type: 'nothing' }, sent, conflicting, null];
    const { status, body } = await api('POST', `${path}/batch`, { startup_slug: slug, events });
    expect(status).toBe(207);
    expect(body).toEqual({
      results: [
        { index: 0, status: 'ok', outcome: 'accepted' },
        expect.objectContaining({ index: 1, status: 'error', code: 'validation_failed' }),
        { index: 2, status: 'ok', outcome: 'duplicate' },
        expect.objectContaining({ index: 3, outcome: 'rejected', code: 'event_id_conflict' }),
        expect.objectContaining({ index: 4, status: 'error', code: 'validation_failed' }),
      ],
    });
    const whole = await api('POST', `${path}/batch`, { startup_slug: slug, events: [sent] });
    expect([whole.status, whole.body]).toEqual([
      202,
      { results: [{ index: 0, status: 'ok', outcome: 'duplicate' }] },
    ]);
    for (const wrong of [[], Array(101).fill(sent), 'events'])
      expect(
        await api('POST', `${path}/batch`, { startup_slug: slug, events: wrong }),
      ).toMatchObject({ status: 422, body: { errors: { events: [expect.any(String)] } } });
  });

  it('marks what was not recorded in time, so that the client sends it again', async () => {
    const { ingest } = context;
    const away = new UnavailableError('away', { retryAfterSeconds: 1 });
    let calls = 0;
    const failing = {
      ...context,
      ingest: {
        ...ingest,
        submit: (...given: Parameters<typeof ingest.submit>) =>
          (calls += 1) === 1 ? Promise.reject(away) : ingest.submit(...given),
      },
    };
    const call = callWith(failing, { authorization: `Bearer ${api.key}` });
    const { startup_slug: slug, ...sent } = event();
    const events = [sent, { ...sent, event_id: 'second' }];
    expect(await call('POST', `${path}/batch`, { startup_slug: slug, events })).toMatchObject({
      status: 207,
      body: { results: [{ code: 'unavailable' }, { outcome: 'accepted' }] },
    });
    calls = 0;
    expect((await call('POST', path, event())).status).toBe(503);
  });

  it('limits how often a key asks, before it reads a body', async () => {
    context.clock.moveBy(60_000);
    for (let asked = 0; asked < 40; asked += 1) await api('POST', path, undefined, { raw: '{' });
    const { status, headers, body } = await api('POST', path, undefined, { raw: '{' });
    expect([status, body['code']]).toEqual([429, 'rate_limited']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    context.clock.moveBy(60_000);
    expect((await api('POST', path, event())).status).toBe(202);
  });

  it('manages projects: create, list, get, archive', async () => {
    const created = await admin('POST', '/projects', {
      slug: 'second',
      name: 'Second',
      event_types: { trial_started: 'lead' },
      external_id_prefix: 's:',
    });
    expect(created).toMatchObject({
      status: 201,
      body: { slug: 'second', counts: [{}, {}, { event_type: 'trial_started', count: 0 }] },
    });
    expect((await admin('POST', '/projects', { slug: 'second' })).status).toBe(409);
    expect((await admin<unknown[]>('GET', '/projects')).body).toMatchObject([
      { slug: 'second' },
      { slug: 'my-startup' },
    ]);
    expect((await admin('DELETE', '/projects/second')).status).toBe(204);
    expect((await admin('GET', '/projects/second')).status).toBe(404);
    expect((await api('GET', '/projects')).status).toBe(403);
  });
});
