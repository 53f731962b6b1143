import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';

const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1';

describe('the schemes of apps', () => {
  let hw: TestHeadwater;
  const keys = new Map<string, string>();
  beforeAll(async () => {
    hw = await createTestHeadwater({
      links: { domains: ['mybrand.link'], appSchemes: ['everyone'] },
    });
    const first = await hw.workspaces.first();
    const other = orThrow(await hw.workspaces.create({ name: 'Other' }));
    for (const [name, workspaceId] of [
      ['first', first.id],
      ['other', other.id],
    ] as const) {
      const made = await hw.apiKeys.create(
        { kind: 'secret', name, scopes: ['admin'] },
        { workspaceId },
      );
      keys.set(name, orThrow(made).key);
    }
  }, 30_000);
  afterAll(() => hw.close());

  const api = async (who: string, method: string, path: string, body: unknown) => {
    const answer = await hw.handler(
      new Request(`https://mybrand.link/hw/api${path}`, {
        method,
        headers: { authorization: `Bearer ${keys.get(who)}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const url = 'https://example.com/';
  const allow = (schemes: unknown, who = 'first') =>
    api(who, 'PATCH', '/workspace', { settings: { app_schemes: schemes } });

  it('are allowed by a list of the workspace, and by that of the options for all', async () => {
    const link = { key: 'app', url, ios_url: 'myapp://pricing', android_url: 'everyone://pricing' };
    expect(await api('first', 'POST', '/links', link)).toMatchObject({
      status: 422,
      body: { code: 'invalid_link', errors: { ios_url: [expect.stringContaining('"myapp"')] } },
    });
    expect(await allow(['MyApp', 'other+app.v2'])).toMatchObject({
      status: 200,
      body: { settings: { app_schemes: ['MyApp', 'other+app.v2'] } },
    });
    expect((await api('first', 'POST', '/links', link)).status).toBe(201);
    expect(await api('other', 'POST', '/links', link)).toMatchObject({
      status: 422,
      body: { errors: { ios_url: [expect.any(String)] } },
    });

    const answer = await hw.handler(
      new Request('https://mybrand.link/app', { headers: { 'user-agent': iphone } }),
    );
    expect(answer.headers.get('location')).toMatch(/^myapp:\/\/pricing\?hw_click=/);
  });

  it('never include what runs code or reads files', async () => {
    for (const scheme of [
      'javascript',
      'JavaScript',
      'data',
      'file',
      'vbscript',
      'http',
      'my app',
      '',
    ]) {
      expect(await allow(['fine', scheme])).toMatchObject({
        status: 422,
        body: { errors: { 'settings.app_schemes[1]': [expect.stringContaining('app')] } },
      });
      expect(
        await hw.workspaces.update({ settings: { appSchemes: ['fine', scheme] } }),
      ).toMatchObject({
        code: 'validation_failed',
        errors: { 'settings.appSchemes[1]': [expect.any(String)] },
      });
    }
    for (const [field, destination] of [
      ['ios_url', 'javascript:alert(1)'],
      ['android_url', 'data:text/html,x'],
      ['ios_url', 'file:///etc/passwd'],
    ] as const)
      expect(await api('first', 'POST', '/links', { url, [field]: destination })).toMatchObject({
        status: 422,
        body: { errors: { [field]: [expect.stringContaining('not allowed')] } },
      });
  });

  it('can be taken from the list again: links that are there keep theirs until they change it', async () => {
    const link = orThrow(await hw.links.create({ url, iosUrl: 'myapp://kept' }));
    expect((await allow(null)).body['settings']).not.toHaveProperty('app_schemes');
    expect(await api('first', 'PATCH', `/links/${link.id}`, { tags: ['kept'] })).toMatchObject({
      status: 200,
      body: { ios_url: 'myapp://kept' },
    });
    expect(
      await api('first', 'PATCH', `/links/${link.id}`, { ios_url: 'myapp://changed' }),
    ).toMatchObject({ status: 422, body: { errors: { ios_url: [expect.any(String)] } } });
  });
});
