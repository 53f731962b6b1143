import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { callWith, openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { createApp } from '../http/app.ts';
import { day } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { createLink } from '../links/create-link.ts';
import { prune } from '../store/prune.ts';

interface Entry {
  readonly id: string;
  readonly actor: string | null;
  readonly action: string;
  readonly subject_type: string;
  readonly subject_id: string;
  readonly changes: Record<string, { from?: unknown; to?: unknown }>;
}

describe.each(testDatabaseSizes)('the audit log over HTTP on %s', (size) => {
  let context: TestContext;
  let api: Api & { readonly key: string };
  beforeAll(async () => {
    context = await openTestContext(size, { links: { domains: ['go.test'] } });
    api = await openApi(context, await context.workspaces.first());
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const entries = async (query = '') => (await api<Entry[]>('GET', `/audit${query}`)).body;
  const keyId = async () => (await api<Array<{ id: string }>>('GET', '/api-keys')).body.at(-1)!.id;

  it('names who changed which thing, and what changed of it', async () => {
    const actor = await keyId();
    const link = await api<{ id: string }>('POST', '/links', { url: 'https://example.com/' });
    await api('PATCH', `/links/${link.body.id}`, { tags: ['a'] });
    await api('DELETE', `/links/${link.body.id}`);
    await api('POST', '/domains', { host: 'links.test' });
    await api('PATCH', '/domains/links.test', { case_sensitive: false });
    await api('DELETE', '/domains/links.test');
    const key = await api<{ id: string; key: string }>('POST', '/api-keys', { name: 'CI' });
    await api('PATCH', `/api-keys/${key.body.id}`, { name: 'CI 2' });
    await api('DELETE', `/api-keys/${key.body.id}`);
    await api('PATCH', '/workspace', { name: 'Renamed', settings: { browser_sales: true } });
    const invitation = await api<{ id: string; token: string }>('POST', '/invitations', {
      emails: ['ann@people.test'],
    });
    await api('DELETE', `/invitations/${invitation.body.id}`);
    const hook = await api<{ id: string; secret: string }>('POST', '/webhooks', {
      url: 'https://hooks.example.com/in?token=hook-token',
      event_types: ['link.created'],
    });
    await api('DELETE', `/webhooks/${hook.body.id}`);
    await api('POST', '/folders', { name: 'Spring' });
    await api('POST', '/utm-templates', { name: 'Mail' });
    await api('POST', '/projects', { slug: 'app' });

    const log = (await entries('?limit=200')).toReversed();
    expect(log.map(({ action }) => action)).toEqual([
      'workspace.created',
      'api_key.created',
      'link.created',
      'link.updated',
      'link.archived',
      'domain.claimed',
      'domain.updated',
      'domain.removed',
      'api_key.created',
      'api_key.updated',
      'api_key.revoked',
      'workspace.updated',
      'invitation.created',
      'invitation.archived',
      'webhook.created',
      'webhook.archived',
      'folder.created',
      'utm_template.created',
      'project.created',
    ]);
    for (const entry of log.slice(2))
      expect([entry.action, entry.actor]).toEqual([entry.action, actor]);
    expect(log[3]).toMatchObject({
      subject_type: 'link',
      subject_id: link.body.id,
      changes: { tags: { from: [], to: ['a'] } },
    });
    expect(log[9]!.changes).toEqual({ name: { from: 'CI', to: 'CI 2' } });
    expect(log[11]!.changes).toEqual({
      name: { from: expect.any(String) as string, to: 'Renamed' },
      'settings.browser_sales': { from: null, to: true },
    });
    const text = JSON.stringify(log);
    for (const secret of [
      key.body.key,
      invitation.body.token,
      hook.body.secret,
      'hook-token',
      'ann@',
    ])
      expect(text).not.toContain(secret);
  });

  it('filters, pages by a cursor, and exports', async () => {
    const [link] = await entries('?action=link.created');
    expect(await entries(`?subject_type=link&subject_id=${link!.subject_id}`)).toHaveLength(3);
    expect(await entries('?actor=nobody')).toEqual([]);
    expect(await entries('?since=2030-01-01T00:00:00Z')).toEqual([]);
    const first = await api<Entry[]>('GET', '/audit?limit=2');
    const cursor = first.headers.get('x-next-cursor')!;
    const second = await entries(`?limit=2&cursor=${cursor}`);
    expect([...first.body, ...second]).toEqual(await entries('?limit=4'));

    const app = createApp(context);
    const answer = await app.request('http://api.test/hw/api/audit/export?format=csv', {
      headers: { authorization: `Bearer ${api.key}` },
    });
    const lines = (await answer.text()).trim().split('\r\n');
    expect(lines[0]).toBe('id,at,actor,action,subject_type,subject_id,changes');
    expect(lines).toHaveLength((await entries('?limit=200')).length + 1);
  });

  it('has an entry exactly where the change was committed', async () => {
    const before = (await entries('?limit=200')).length;
    expect((await api('POST', '/links', { url: 'no address' })).status).toBe(422);
    const workspace = await context.workspaces.first();
    await context.database.db
      .transaction()
      .execute(async (tx) => {
        orThrow(await createLink(context, workspace, { url: 'https://example.com/' }, { tx }));
        throw new Error('the host rolls back');
      })
      .catch(() => undefined);
    expect((await entries('?limit=200')).length).toBe(before);
  });

  it('is for admins', async () => {
    const reader = await api<{ key: string }>('POST', '/api-keys', { name: 'r', scopes: ['read'] });
    const asReader = callWith(context, { authorization: `Bearer ${reader.body.key}` });
    expect((await asReader('GET', '/audit')).status).toBe(403);
  });

  it('lets go of what is older than 400 days', async () => {
    context.clock.moveBy(400 * day);
    await prune(context.database, context.clock);
    expect(await entries()).not.toEqual([]);
    context.clock.moveBy(1);
    await prune(context.database, context.clock);
    expect(await entries()).toEqual([]);
  });
});
