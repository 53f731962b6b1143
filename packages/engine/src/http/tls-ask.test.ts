import { afterAll, beforeAll, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';

const records = new Map<string, string>();
let hw: TestHeadwater;
beforeAll(async () => {
  hw = await createTestHeadwater({
    basePath: '/ga',
    links: { domains: ['go.example', 'ported.example:8443'] },
    ownHosts: ['www.example'],
    resolveTxt: (name) => Promise.resolve([[records.get(name) ?? '']]),
  });
}, 30_000);
afterAll(() => hw.close());

const ask = async (query: string): Promise<number> =>
  (await hw.handler(new Request(`http://127.0.0.1:4400/ga/tls/ask?${query}`))).status;

it('says yes to a name that links are served on, without credentials', async () => {
  expect(await ask('domain=go.example')).toBe(200);
  expect(await ask('domain=Go.Example.')).toBe(200);
  expect(await ask('domain=ported.example')).toBe(200);
});

it.each([
  'domain=elsewhere.example',
  'domain=www.example',
  'domain=sub.go.example',
  'domain=*.go.example',
  "domain=go.example'%20or%20true",
  'domain=go.example%00',
  'domain=',
  '',
])('says no to everything else (%s)', async (query) => {
  expect(await ask(query)).toBe(404);
});

it('says no to a host that is claimed, and yes from its proof to its removal', async () => {
  const tenant = orThrow(await hw.workspaces.create({ name: 'Tenant' }));
  const here = { workspaceId: tenant.id };
  for (const host of ['links.tenant.example', 'links.tenant.example:8443']) {
    const claim = orThrow(await hw.workspaces.claimDomain({ host }, here));
    expect(await ask('domain=links.tenant.example')).toBe(404);
    records.set(
      '_headwater.links.tenant.example',
      `headwater-verification=${claim.verificationToken}`,
    );
    orThrow(await hw.workspaces.verifyDomain({ host }, here));
    expect(await ask('domain=links.tenant.example')).toBe(200);
    orThrow(await hw.workspaces.removeDomain({ host }, here));
    expect(await ask('domain=links.tenant.example')).toBe(404);
  }
});

it('tells nothing but that', async () => {
  const answers = await Promise.all(
    ['go.example', 'elsewhere.example'].map((domain) =>
      hw.handler(new Request(`http://127.0.0.1:4400/ga/tls/ask?domain=${domain}`)),
    ),
  );
  expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual([
    'served\n',
    'not served\n',
  ]);
  for (const { headers } of answers) expect(headers.get('cache-control')).toBe('no-store');
});
