import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { builtInRulesVersion } from './data/version.ts';

interface Explanation {
  readonly source: Record<string, unknown>;
  readonly rules: ReadonlyArray<{ rule: string; outcome: string; reason: string; gave: string[] }>;
  readonly channels: ReadonlyArray<{ channel: string; matched: boolean; reason: string }>;
}

describe('the sources of the REST API', () => {
  let context: TestContext;
  let api: Api;
  beforeAll(async () => {
    context = await openTestContext('pglite', {
      links: { domains: ['go.test'] },
      ownHosts: ['shop.test'],
    });
    api = await openApi(context, await context.workspaces.first());
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const explain = (query: Record<string, string>) =>
    api<Explanation>('GET', `/sources/explain?${new URLSearchParams(query).toString()}`);
  const setRules = (source_rules: unknown) =>
    api('PATCH', '/workspace', { settings: { source_rules } });
  const podcast = {
    name: 'podcast',
    when: [{ field: 'path', begins: ['/podcast'] }],
    set: { source: 'podcast', medium: 'audio' },
  };

  it('explain an arrival with every rule that was asked', async () => {
    const { status, body } = await explain({
      url: 'https://shop.test/?utm_campaign=spring',
      referrer: 'https://www.google.de/',
      user_agent: 'Mozilla/5.0',
    });
    expect(status).toBe(200);
    expect(body.source).toEqual({
      source: 'google',
      medium: 'organic',
      campaign: 'spring',
      content: null,
      term: null,
      channel: 'Organic Search',
      platform: null,
      click_id_type: null,
      referrer_host: 'google.de',
      partner_key: null,
      confidence: 'medium',
      kind: 'campaign',
      rule: 'utm',
      rules_version: builtInRulesVersion,
    });
    expect(body.rules).toContainEqual({
      rule: 'listed_host',
      outcome: 'added',
      reason: 'google.de is in a list of ours (search: google)',
      gave: ['source', 'medium', 'referrer_host'],
    });
    expect(body.channels.at(-1)).toMatchObject({ channel: 'Organic Search', matched: true });
  });

  it("know the workspace's own hosts", async () => {
    const { body } = await explain({ url: 'https://other.test/', referrer: 'https://shop.test/' });
    expect(body.source).toMatchObject({ kind: 'internal', rule: 'own_host', source: null });
  });

  it('name the app of a user agent', async () => {
    const { body } = await explain({ url: 'https://shop.test/', user_agent: 'x [FBAN/FBIOS]' });
    expect(body.source).toMatchObject({ source: 'facebook', rule: 'in_app.facebook' });
  });

  it('explain the click on a link', async () => {
    const { body: link } = await api<{ id: string }>('POST', '/links', {
      url: 'https://shop.test/',
      utm_source: 'radio',
      utm_medium: 'Audio',
    });
    const { body } = await explain({ url: 'https://go.test/x', link_id: link.id });
    expect(body.source).toMatchObject({
      source: 'radio',
      channel: 'Audio',
      confidence: 'certain',
      rule: 'link.utm',
    });
    expect(
      await explain({ url: 'https://go.test/x', link_id: '01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa0' }),
    ).toMatchObject({ status: 404, body: { code: 'link_not_found' } });
  });

  it('refuse a question without an address, or with one they do not know', async () => {
    expect(await explain({ referrer: 'https://t.co/' })).toMatchObject({
      status: 422,
      body: { errors: { url: [expect.any(String)] } },
    });
    expect(await explain({ url: 'https://shop.test/', colour: 'red' })).toMatchObject({
      status: 422,
      body: { errors: { colour: [expect.any(String)] } },
    });
  });

  it('take rules of the workspace, which count from then on and stay what they were', async () => {
    expect(await setRules([podcast])).toMatchObject({
      status: 200,
      body: { settings: { source_rules: [podcast] } },
    });
    const { body: workspace } = await api<{ settings: object }>('GET', '/workspace');
    expect(workspace.settings).toMatchObject({ source_rules: [podcast] });
    const ruled = await explain({ url: 'https://shop.test/podcast/1' });
    expect(ruled.body.source).toMatchObject({
      source: 'podcast',
      channel: 'Audio',
      rule: 'workspace.podcast',
      rules_version: expect.stringMatching(`^${builtInRulesVersion}\\+[0-9a-f]{8}$`),
    });
    expect(ruled.body.rules[0]).toEqual({
      rule: 'workspace.podcast',
      outcome: 'decided',
      reason: 'its conditions hold',
      gave: ['source', 'medium'],
    });
    expect(await setRules(null)).toMatchObject({ status: 200 });
    expect((await explain({ url: 'https://shop.test/podcast/1' })).body.source).toMatchObject({
      rule: 'direct',
      rules_version: builtInRulesVersion,
    });
  });

  it('refuse rules that cannot be used, by field and by rule, and keep the ones before', async () => {
    await setRules([podcast]);
    const wrong = { ...podcast, name: 'wrong', when: [{ field: 'referrer_host', is: ['a b'] }] };
    expect(await setRules([podcast, wrong, podcast])).toMatchObject({
      status: 422,
      body: {
        code: 'validation_failed',
        error: expect.stringMatching(/^settings\.source_rules\[1\]\.when\[0\]\.is must have hosts/),
        errors: {
          'settings.source_rules[1].when[0].is': [expect.stringContaining('(rule "wrong")')],
          'settings.source_rules[2].name': [expect.stringContaining('(rule "podcast")')],
        },
      },
    });
    expect(
      await setRules([{ ...podcast, when: [{ field: 'colour', is: ['red'] }], colour: 'red' }]),
    ).toMatchObject({
      status: 422,
      body: {
        errors: {
          'settings.source_rules[0].when[0].field': [expect.any(String)],
          'settings.source_rules[0].colour': ['is not a known field'],
        },
      },
    });
    const { body } = await explain({ url: 'https://shop.test/podcast' });
    expect(body.source['rule']).toBe('workspace.podcast');
    await setRules(null);
  });

  it('refuse everybody without the scope', async () => {
    const tracking = await openApi(context, await context.workspaces.first(), ['events:write']);
    expect(await tracking('GET', '/sources/explain?url=/')).toMatchObject({
      status: 403,
      body: { code: 'insufficient_scope' },
    });
  });
});
