import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { callWith, openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { day, hour } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { createWorkspace } from './create-workspace.ts';
import type { ResolveTxt } from './domain.ts';

interface KeyBody {
  readonly id: string;
  readonly key: string;
}

describe('workspace, domains and keys of the REST API', () => {
  let context: TestContext;
  let api: Api;
  let resolveTxt: ResolveTxt;
  beforeAll(async () => {
    context = await openTestContext('pglite', {
      basePath: '/ga',
      links: { domains: ['configured.test'] },
      resolveTxt: (name) => resolveTxt(name),
    });
    api = await openApi(context, await context.workspaces.first());
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('shows and changes the workspace', async () => {
    const changes = {
      name: 'Shop',
      currency: 'EUR',
      timezone: 'Europe/Berlin',
      settings: {
        browser_sales: true,
        retention_days: 400,
        identifier_kinds: { card: { strength: 'strong', limit: 2 } },
        own_hosts: ['shop.test'],
      },
    };
    expect(await api('PATCH', '/workspace', changes)).toMatchObject({ status: 200, body: changes });
    expect(await api('PATCH', '/workspace', { settings: { retention_days: null } })).toMatchObject({
      status: 200,
    });
    const { body } = await api<{ settings: object }>('GET', '/workspace');
    expect(body).toMatchObject({ slug: 'default', settings: { browser_sales: true } });
    expect(body.settings).not.toHaveProperty('retention_days');
    expect(JSON.stringify(body)).not.toMatch(/data_?key/i);
  });

  it('refuses settings that break their rules, and names them', async () => {
    const { status, body } = await api<{ errors: object }>('PATCH', '/workspace', {
      currency: 'DM',
      settings: { retention_days: 0, colour: 'red' },
    });
    expect([status, Object.keys(body.errors).sort()]).toEqual([
      422,
      ['settings.colour', 'settings.retention_days'],
    ]);
    expect(
      await api('PATCH', '/workspace', { currency: 'DM', timezone: 'Not/AZone' }),
    ).toMatchObject({
      status: 422,
      body: { errors: { currency: [expect.any(String)], timezone: [expect.any(String)] } },
    });
  });

  it('proves a domain by the record that its claim names', async () => {
    const { body: claim } = await api<{ verification: { name: string; value: string } }>(
      'POST',
      '/domains',
      { host: 'proven.test' },
    );
    const verify = (host = 'proven.test', key?: string) =>
      api('POST', `/domains/${host}/verify`, undefined, {
        headers: key === undefined ? {} : { 'idempotency-key': key },
      });
    resolveTxt = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
    const missing = await verify('proven.test', 'proof');
    expect(missing).toMatchObject({ status: 409, body: { code: 'domain_not_proven' } });
    for (const part of [claim.verification.name, claim.verification.value])
      expect(missing.body['error']).toContain(part);
    resolveTxt = () => Promise.reject(Object.assign(new Error('slow'), { code: 'ETIMEOUT' }));
    expect(await verify()).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    resolveTxt = (name) =>
      Promise.resolve(name === claim.verification.name ? [[claim.verification.value]] : []);
    const proven = await verify('proven.test', 'proof');
    expect(proven).toMatchObject({ status: 200, body: { host: 'proven.test', verified: true } });
    resolveTxt = () => Promise.resolve([]);
    for (const key of ['proof', undefined])
      expect(await verify('proven.test', key)).toMatchObject({ status: 200, body: proven.body });
    expect(await verify('unclaimed.test')).toMatchObject({
      status: 404,
      body: { code: 'domain_not_found' },
    });
    expect((await context.workspaces.forHost('proven.test'))?.id).toBe(
      (await context.workspaces.first()).id,
    );
    await api('DELETE', '/domains/proven.test');
  });

  it('takes the word of its options for a domain, for the first workspace only', async () => {
    const asked: string[] = [];
    resolveTxt = (name) => {
      asked.push(name);
      return Promise.resolve([]);
    };
    await api('POST', '/domains', { host: 'configured.test' });
    expect(await api('POST', '/domains/configured.test/verify')).toMatchObject({
      status: 200,
      body: { verified: true },
    });
    expect(asked).toEqual([]);
    await api('DELETE', '/domains/configured.test');

    const tenant = orThrow(await createWorkspace(context, { name: 'Tenant' }));
    const theirs = await openApi(context, tenant);
    await theirs('POST', '/domains', { host: 'configured.test' });
    expect(await theirs('POST', '/domains/configured.test/verify')).toMatchObject({
      status: 409,
      body: { code: 'domain_not_proven' },
    });
  });

  it('claims, lists and gives up domains', async () => {
    const { status, body } = await api('POST', '/domains', { host: 'MyBrand.link' });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      host: 'mybrand.link',
      verified: false,
      verified_at: null,
      verification: {
        type: 'TXT',
        name: '_headwater.mybrand.link',
        value: expect.stringMatching(/^headwater-verification=.{32}$/),
      },
    });
    expect(await api('POST', '/domains', { host: 'mybrand.link' })).toMatchObject({
      status: 201,
      body,
    });
    expect(await api('GET', '/domains')).toMatchObject({ status: 200, body: [body] });
    expect(await api('DELETE', '/domains/mybrand.link')).toMatchObject({ status: 204 });
    expect(await api('DELETE', '/domains/mybrand.link')).toMatchObject({
      status: 404,
      body: { code: 'domain_not_found' },
    });
    expect(await api('POST', '/domains', { host: 'https://mybrand.link/' })).toMatchObject({
      status: 422,
      body: { errors: { host: [expect.any(String)] } },
    });
  });

  it('creates, uses, changes, rotates and revokes API keys', async () => {
    const expires_at = new Date(context.clock.now() + 30 * day).toISOString();
    const { status, body: created } = await api<KeyBody>('POST', '/api-keys', {
      name: 'Shop server',
      scopes: ['read'],
      expires_at,
    });
    expect(status).toBe(201);
    const { key, ...stored } = created;
    expect(stored).toMatchObject({
      kind: 'secret',
      name: 'Shop server',
      scopes: ['read'],
      display_prefix: key.slice(0, 12),
      expires_at,
    });
    const use = (text: string) => callWith(context, { 'x-api-key': text })('GET', '/workspace');
    expect((await use(key)).status).toBe(200);

    const { body: listed } = await api<KeyBody[]>('GET', '/api-keys');
    expect(listed[0]).toEqual({
      ...stored,
      last_used_at: new Date(context.clock.now()).toISOString(),
    });
    expect(JSON.stringify(listed)).not.toContain(key);

    expect(
      await api('PATCH', `/api-keys/${created.id}`, { name: 'Renamed', expires_at: null }),
    ).toMatchObject({
      status: 200,
      body: { name: 'Renamed', scopes: ['read'], expires_at: null },
    });
    const { body: rotated } = await api<KeyBody>('POST', `/api-keys/${created.id}/rotate`, {
      grace_seconds: 3600,
    });
    expect(rotated).toMatchObject({
      replaces_id: created.id,
      scopes: ['read'],
      key: expect.stringMatching(/^hw_sk_/),
    });
    expect((await use(key)).status).toBe(200);
    context.clock.moveBy(hour);
    expect((await use(key)).status).toBe(401);
    expect(await api('POST', `/api-keys/${created.id}/rotate`)).toMatchObject({
      status: 409,
      body: { code: 'api_key_inactive' },
    });

    expect((await use(rotated.key)).status).toBe(200);
    expect(await api('DELETE', `/api-keys/${rotated.id}`)).toMatchObject({ status: 204 });
    expect((await use(rotated.key)).status).toBe(401);
  });

  it('pages through the keys', async () => {
    const { body: all } = await api<KeyBody[]>('GET', '/api-keys');
    const first = await api<KeyBody[]>('GET', '/api-keys?limit=1');
    const rest = await api<KeyBody[]>(
      'GET',
      `/api-keys?cursor=${first.headers.get('x-next-cursor')}`,
    );
    expect([...first.body, ...rest.body]).toEqual(all);
  });

  it('refuses a publishable key with the scopes of a secret one', async () => {
    expect(
      await api('POST', '/api-keys', { kind: 'publishable', name: 'page', scopes: ['admin'] }),
    ).toMatchObject({
      status: 422,
      body: { errors: { scopes: [expect.any(String)] } },
    });
    expect(
      await api('POST', '/api-keys', {
        kind: 'publishable',
        name: 'page',
        allowed_hosts: ['*.shop.test'],
      }),
    ).toMatchObject({
      status: 201,
      body: {
        scopes: ['beacon'],
        allowed_hosts: ['*.shop.test'],
        key: expect.stringMatching(/^hw_pk_/),
      },
    });
  });
});
