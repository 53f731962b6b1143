import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { minute } from '../kernel/clock.ts';
import { checkLinks } from './check-links.ts';
import { createLinkCache } from './link-cache.ts';

describe.each(testDatabaseSizes)('looking at the destinations of links on %s', (size) => {
  let context: TestContext;
  let api: Api;
  let status = 200;
  let asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.method!);
    // As some servers do: HEAD is wrong, GET is right.
    response
      .writeHead(request.url === '/no-head' && request.method === 'HEAD' ? 404 : status)
      .end();
  });
  let origin: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // Only a link on a local host may lead to this machine.
    context = await openTestContext(size, {
      links: { domains: ['localhost'], allowPrivateNetworks: true },
    });
    api = await openApi(context, await context.workspaces.first());
  }, 60_000);
  afterAll(async () => {
    server.close();
    await context[Symbol.asyncDispose]();
  });

  const create = async (fields: Record<string, unknown>) =>
    (await api<{ id: string }>('POST', '/links', { health_check: true, ...fields })).body;
  const health = async (id: string) => (await api('GET', `/links/${id}/health`)).body;
  const leadsTo = async (key: string) => {
    const cache = createLinkCache({ ...context, size: 10 });
    const link = await cache.find((await context.workspaces.first()).id, 'localhost', key);
    cache.close();
    return link?.destination.plain;
  };
  const later = async () => {
    context.clock.moveBy(5 * minute);
    await checkLinks(context);
  };

  it('leads to the fallback while a destination is down, and back when it is there again', async () => {
    const link = await create({
      key: 'shop',
      url: `${origin}/shop`,
      fallback_url: 'https://status.example.com/',
    });
    expect(await health(link.id)).toMatchObject({ status: 'unknown', checked_at: null });
    await checkLinks(context);
    expect(await health(link.id)).toMatchObject({ status: 'up', http_status: 200 });

    status = 503;
    await later();
    // Once may be an accident.
    expect(await health(link.id)).toMatchObject({
      status: 'up',
      failures: 1,
      problem: 'answers 503',
    });
    expect(await leadsTo('shop')).toBe(`${origin}/shop`);
    await later();
    const downSince = new Date(context.clock.now()).toISOString();
    expect(await health(link.id)).toMatchObject({
      status: 'down',
      failures: 2,
      down_since: downSince,
    });
    expect((await api('GET', `/links/${link.id}`)).body).toMatchObject({ is_down: true });
    expect((await api<unknown[]>('GET', '/links?is_down=true')).body).toMatchObject([
      { id: link.id },
    ]);
    expect(await leadsTo('shop')).toBe('https://status.example.com/');

    status = 403;
    await later();
    expect(await health(link.id)).toMatchObject({
      status: 'up',
      http_status: 403,
      down_since: null,
    });
    expect(await leadsTo('shop')).toBe(`${origin}/shop`);
    expect((await api('GET', `/audit?subject_id=${link.id}`)).body).toMatchObject([
      { action: 'link.up', actor: null },
      { action: 'link.down', actor: null },
      { action: 'link.created', actor: expect.any(String) },
    ]);
    status = 200;
  });

  it('looks at a destination when its time has come, and not before', async () => {
    await later();
    asked = [];
    await checkLinks(context);
    expect(asked).toEqual([]);
    context.clock.moveBy(5 * minute - 1);
    expect(await checkLinks(context)).toBe(0);
    context.clock.moveBy(1);
    expect(await checkLinks(context)).toBe(1);
    expect(asked).toEqual(['HEAD']);
  });

  it('believes GET where HEAD fails', async () => {
    const link = await create({ url: `${origin}/no-head` });
    await checkLinks(context);
    expect(await health(link.id)).toMatchObject({ status: 'up', http_status: 200 });
  });

  it('forgets what it found when the link gets another destination', async () => {
    const link = await create({
      key: 'moved',
      url: `${origin}/x`,
      fallback_url: 'https://example.com/',
    });
    status = 500;
    await checkLinks(context);
    await later();
    expect(await leadsTo('moved')).toBe('https://example.com/');
    await api('PATCH', `/links/${link.id}`, { url: `${origin}/y` });
    expect(await leadsTo('moved')).toBe(`${origin}/y`);
    await later();
    expect(await health(link.id)).toMatchObject({ failures: 1 });
    expect(await leadsTo('moved')).toBe(`${origin}/y`);
    status = 200;
    await later();
  });

  it('sends nothing into private networks unless it is allowed to', async () => {
    await api('PATCH', '/links/batch', {
      links: (await api<Array<{ id: string }>>('GET', '/links')).body.map(({ id }) => ({
        id,
        health_check: false,
      })),
    });
    const link = await create({ key: 'inside', url: `${origin}/inside` });
    asked = [];
    await checkLinks(context.another({ links: { domains: ['localhost'] } }));
    expect(asked).toEqual([]);
    expect(await health(link.id)).toMatchObject({
      failures: 1,
      problem: 'is in a private network',
    });
  });

  it('refuses to look at what is no address of the web', async () => {
    const mail = { url: 'myapp://x', health_check: true };
    expect((await api('POST', '/links', mail)).status).toBe(422);
  });
});
