import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { orThrow } from '../kernel/result.ts';
import { createWorkspace } from '../workspaces/create-workspace.ts';
import { listApiKeys } from '../workspaces/list-api-keys.ts';

const withKey = (key: string) => ({ headers: { 'idempotency-key': key } });

describe.each(testDatabaseSizes)('Idempotency-Key on %s', (size) => {
  let context: TestContext;
  let api: Api & { readonly key: string };
  beforeAll(async () => {
    context = await openTestContext(size, { links: { domains: ['go.test'] } });
    api = await openApi(context, await context.workspaces.first());
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('does a write once and answers a replay the same', async () => {
    const body = { domain: 'go.test', key: 'once', url: 'https://example.com/' };
    const first = await api('POST', '/links', body, withKey('a'));
    const again = await api('POST', '/links', body, withKey('a'));
    expect(first.status).toBe(201);
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await api('POST', '/links', body)).toMatchObject({
      status: 409,
      body: { code: 'link_key_taken' },
    });
  });

  it('refuses the key for another body, another path and another method', async () => {
    const body = { url: 'https://example.com/' };
    const { body: link } = await api<{ id: string }>('POST', '/links', body, withKey('b'));
    for (const [method, path, other] of [
      ['POST', '/links', { url: 'https://example.com/other' }],
      ['PATCH', `/links/${link.id}`, body],
      ['DELETE', `/links/${link.id}`, undefined],
    ] as const) {
      expect(await api(method, path, other, withKey('b'))).toMatchObject({
        status: 409,
        body: { code: 'idempotency_conflict' },
      });
    }
  });

  it('replays answers without a body', async () => {
    const { body: link } = await api<{ id: string }>('POST', '/links', {
      url: 'https://example.com/',
    });
    for (let round = 0; round < 2; round += 1) {
      expect(await api('DELETE', `/links/${link.id}`, undefined, withKey('c'))).toMatchObject({
        status: 204,
        body: undefined,
      });
    }
  });

  it('keeps no refusal: the key is free for the corrected request', async () => {
    const refused = await api('POST', '/links', { url: 'javascript:alert(1)' }, withKey('d'));
    expect(refused).toMatchObject({
      status: 422,
      body: { code: 'invalid_link', errors: { url: [expect.any(String)] } },
    });
    expect(
      await api('POST', '/links', { url: 'https://example.com/' }, withKey('d')),
    ).toMatchObject({ status: 201 });
  });

  it('answers ten duplicates at once with one link', async () => {
    const body = { url: 'https://example.com/ten' };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => api('POST', '/links', body, withKey('e'))),
    );
    expect(answers.map((answer) => answer.status)).toEqual(Array(10).fill(201));
    expect(new Set(answers.map((answer) => answer.body['id'])).size).toBe(1);
    const { body: links } = await api<Array<{ url: string }>>('GET', '/links?limit=200');
    expect(links.filter((link) => link.url === body.url)).toHaveLength(1);
  });

  it('answers the replayed creation of an API key without the key', async () => {
    const body = { name: 'replayed' };
    const first = await api('POST', '/api-keys', body, withKey('f'));
    const again = await api('POST', '/api-keys', body, withKey('f'));
    expect(first.body['key']).toMatch(/^hw_sk_/);
    const { key, ...rest } = first.body;
    expect(again).toMatchObject({ status: 201 });
    expect(again.body).toEqual(rest);
    const rows = await context.database.db
      .selectFrom('idempotent_request')
      .select('body')
      .where('workspace_id', '=', (await context.workspaces.first()).id)
      .execute();
    expect(JSON.stringify(rows)).not.toContain(key);
  });

  it('works on the writes of workspaces and domains', async () => {
    for (const [method, path, body, status] of [
      ['PATCH', '/workspace', { name: 'Renamed', settings: { own_hosts: ['shop.test'] } }, 200],
      ['POST', '/domains', { host: 'links.test' }, 201],
      ['DELETE', '/domains/links.test', undefined, 204],
    ] as const) {
      const key = withKey(`${method} ${path}`);
      const first = await api(method, path, body, key);
      expect([path, first.status]).toEqual([path, status]);
      expect(await api(method, path, body, key)).toMatchObject({ status, body: first.body });
    }
    expect(await api('GET', '/workspace')).toMatchObject({ body: { name: 'Renamed' } });
  });

  it('belongs to one workspace', async () => {
    const stranger = orThrow(await createWorkspace(context, { name: 'Stranger' }));
    const strangers = await openApi(context, stranger);
    const body = { domain: 'stranger.test', url: 'https://example.com/' };
    const mine = await api('POST', '/links', body, withKey('g'));
    const theirs = await strangers('POST', '/links', body, withKey('g'));
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(theirs.body['id']).not.toBe(mine.body['id']);
  });

  it('refuses a header that is no key', async () => {
    const answer = await api(
      'POST',
      '/links',
      { url: 'https://example.com/' },
      withKey('x'.repeat(256)),
    );
    expect(answer).toMatchObject({
      status: 422,
      body: { errors: { 'Idempotency-Key': [expect.any(String)] } },
    });
  });

  it('becomes the key of an event', async () => {
    const { body } = await api<{ visitor: { id: string } }>('POST', '/visitors/resolve', {
      person_external_id: 'cust_1',
    });
    const sale = { visitor_id: body.visitor.id, event_type: 'sale', amount_cents: 4999 };
    const first = await api('POST', '/events', sale, withKey('order-1'));
    expect(first).toMatchObject({
      status: 201,
      body: { outcome: 'accepted', visitor_id: body.visitor.id },
    });
    const again = await api('POST', '/events', { ...sale, idempotency_key: 'order-1' });
    expect(again).toMatchObject({
      status: 200,
      body: { outcome: 'duplicate', event_id: first.body['event_id'] },
    });
    expect(
      await api('POST', '/events', { ...sale, amount_cents: 5000 }, withKey('order-1')),
    ).toMatchObject({
      status: 409,
      body: { code: 'idempotency_conflict' },
    });
    const batch = { events: [sale, { ...sale, event_type: 'lead' }] };
    const sent = await api<{ results: Array<{ event_id: string }> }>(
      'POST',
      '/events/batch',
      batch,
      withKey('batch-1'),
    );
    const resent = await api<{ results: Array<{ event_id: string }> }>(
      'POST',
      '/events/batch',
      batch,
      withKey('batch-1'),
    );
    expect([sent.status, resent.status]).toEqual([201, 201]);
    expect(resent.body.results.map((result) => result.event_id)).toEqual(
      sent.body.results.map((result) => result.event_id),
    );
  });

  const person = async (anonymous_id: string) => {
    const { body } = await api<{ visitor: { id: string } }>('POST', '/visitors/resolve', {
      anonymous_id,
    });
    return body.visitor.id;
  };
  const mergesOf = async (id: string) => {
    const { body } = await api<{
      merges: Array<{ id: string; undone_at: string | null; actor: string | null }>;
    }>('GET', `/visitors/${id}/evidence`);
    return body.merges;
  };

  it('answers a merge and its undo the same again', async () => {
    const [one, other] = [await person('device-1'), await person('device-2')];
    const merge = () =>
      api('POST', `/visitors/${one}/merge`, { other_visitor_id: other }, withKey(`merge ${one}`));
    const merged = await merge();
    expect(merged).toMatchObject({ status: 200, body: { identity: { outcome: 'merged' } } });
    expect(await merge()).toMatchObject({ status: 200, body: merged.body });
    const [made] = await mergesOf(one);
    const undo = `/visitors/merges/${made!.id}/undo`;
    const undone = await api('POST', undo, undefined, withKey('undo'));
    expect(undone).toMatchObject({
      status: 200,
      body: { winner: { id: expect.any(String) }, loser: { id: expect.any(String) } },
    });
    expect(await api('POST', undo, undefined, withKey('undo'))).toMatchObject({
      status: 200,
      body: undone.body,
    });
    expect(await api('POST', undo)).toMatchObject({
      status: 409,
      body: { code: 'merge_already_undone' },
    });
    // The merge under its old key is not done again.
    expect(await merge()).toMatchObject({
      status: 200,
      body: { event_id: merged.body['event_id'], identity: { outcome: 'merged' } },
    });
    expect(await mergesOf(one)).toMatchObject([{ undone_at: expect.any(String) }]);
    expect(
      await api(
        'POST',
        `/visitors/${one}/merge`,
        { other_visitor_id: await person('device-3') },
        withKey(`merge ${one}`),
      ),
    ).toMatchObject({ status: 409, body: { code: 'idempotency_conflict' } });
  });

  it('answers a merge that was refused the same again', async () => {
    const [one, other] = await Promise.all(
      ['cust_m1', 'cust_m2'].map(async (person_external_id) => {
        const { body } = await api<{ visitor: { id: string } }>('POST', '/visitors/resolve', {
          person_external_id,
        });
        return body.visitor.id;
      }),
    );
    for (let round = 0; round < 2; round += 1) {
      expect(
        await api(
          'POST',
          `/visitors/${one}/merge`,
          { other_visitor_id: other },
          withKey('refused merge'),
        ),
      ).toMatchObject({
        status: 409,
        body: { code: 'merge_refused', error: expect.stringContaining('different_external_id') },
      });
    }
  });

  it('does an undo again whose answer got lost, and notes who asked', async () => {
    const [one, other] = [await person('device-4'), await person('device-5')];
    await api('POST', `/visitors/${one}/merge`, { other_visitor_id: other });
    const [made] = await mergesOf(one);
    const workspace = await context.workspaces.first();
    const keyId = orThrow(await listApiKeys(context, workspace)).apiKeys.find(
      (apiKey) => apiKey.displayPrefix === api.key.slice(0, apiKey.displayPrefix.length),
    )!.id;
    expect(made).toMatchObject({ actor: keyId });
    const undo = () =>
      api('POST', `/visitors/merges/${made!.id}/undo`, undefined, withKey('lost undo'));
    const first = await undo();
    context.clock.moveBy(60_000);
    // As a process leaves it that is killed between the effect and its answer.
    await context.database.db
      .updateTable('idempotent_request')
      .set({ status: 0, body: null })
      .where('workspace_id', '=', workspace.id)
      .where('status', '=', 200)
      .execute();
    expect(await undo()).toMatchObject({ status: 200, body: first.body });
    expect((await undo()).headers.get('idempotent-replayed')).toBe('true');
    const row = await context.database.db
      .selectFrom('merge')
      .select('undone_by')
      .where('workspace_id', '=', workspace.id)
      .where('id', '=', made!.id)
      .executeTakeFirst();
    expect(row).toEqual({ undone_by: keyId });
  });

  it('answers ten undos at once the same, and frees the key of a refused one', async () => {
    const [one, other] = [await person('device-6'), await person('device-7')];
    await api('POST', `/visitors/${one}/merge`, { other_visitor_id: other });
    const [made] = await mergesOf(one);
    const undo = `/visitors/merges/${made!.id}/undo`;
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => api('POST', undo, undefined, withKey('ten undos'))),
    );
    expect(answers.map((answer) => answer.status)).toEqual(Array(10).fill(200));
    context.clock.moveBy(1);
    for (let round = 0; round < 2; round += 1) {
      expect(await api('POST', undo, undefined, withKey('too late'))).toMatchObject({
        status: 409,
        body: { code: 'merge_already_undone' },
      });
    }
    expect(
      await api('POST', '/links', { url: 'https://a.test' }, withKey('too late')),
    ).toMatchObject({
      status: 201,
    });
  });

  it('makes an event of a resolve under a key, also where everybody is known', async () => {
    await person('device-8');
    const body = { anonymous_id: 'device-8' };
    const first = await api('POST', '/visitors/resolve', body, withKey('resolve'));
    const again = await api('POST', '/visitors/resolve', body, withKey('resolve'));
    expect(again).toMatchObject({ status: 200, body: { event_id: first.body['event_id'] } });
    expect(
      await api('POST', '/visitors/resolve', { anonymous_id: 'device-7' }, withKey('resolve')),
    ).toMatchObject({ status: 409, body: { code: 'idempotency_conflict' } });
  });
});
