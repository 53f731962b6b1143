import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import type { Headwater } from 'headwater';
import { createTestHeadwater } from 'headwater/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createSignIn } from '../../packages/server/src/auth/sign-in.ts';
import type { SignIn } from '../../packages/server/src/auth/sign-in.ts';
import { inviteToTeam } from '../../packages/server/src/auth/team-invitation.ts';
import { demoPlace } from '../../packages/server/src/demo/demo-place.ts';
import { serveDemo } from '../../packages/server/src/demo/demo-routes.ts';
import { createDemo } from '../../packages/server/src/demo/demo.ts';
import type { Demo } from '../../packages/server/src/demo/demo.ts';
import { createServer } from '../../packages/server/src/server.ts';
import type { HeadwaterServer } from '../../packages/server/src/server.ts';
import { launchBrowser } from '../support/browser.ts';
import { settled } from '../support/dashboard.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

let folder: string;
let hw: Headwater;
let signIn: SignIn;
let demo: Demo;
let server: HeadwaterServer;
let browser: Browser;
let origin: string;
let page: Page;
let adminKey: string;
let readingKey: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-demo-'));
  hw = await createTestHeadwater({
    clock: { now: () => Date.now() },
    authenticateSession: (request) => signIn.authenticate(request),
  });
  signIn = createSignIn(hw, {
    basePath: '/hw',
    publicUrl: 'http://localhost',
    mail: undefined,
    oidc: undefined,
    schema: 'headwater',
    logger: quiet,
  });
  const ownerLink = await signIn.prepare();
  const { neighbour } = signIn.ground;
  demo = createDemo({
    neighbour,
    place: demoPlace({ database: { folder } }, folder),
    engine: { authenticateSession: (request) => signIn.authenticate(request) },
    logger: quiet,
    size: { days: 10, visitors: 60 },
  });
  server = createServer(hw, {
    basePath: '/hw',
    logger: quiet,
    signIn,
    demo: serveDemo(demo, neighbour, '/hw'),
  });
  origin = `http://localhost:${await server.listen(0, '127.0.0.1')}`;
  const makeKey = async (scopes: ['admin'] | ['read', 'write']): Promise<string> =>
    orThrow(await hw.apiKeys.create({ kind: 'secret', name: 'Test', scopes })).key;
  adminKey = await makeKey(['admin']);
  readingKey = await makeKey(['read', 'write']);
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(20_000);
  await page.goto(`${origin}/hw/setup#${ownerLink!.split('#')[1]}`);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop(100);
  await demo?.close();
  await hw?.close();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

const askWith = (key: string, method: string): Promise<Response> =>
  fetch(`${origin}/hw/demo`, { method, headers: { authorization: `Bearer ${key}` } });

describe('the demo workspace', () => {
  it('is for admins to make and to take away', async () => {
    expect(await (await askWith(readingKey, 'GET')).json()).toMatchObject({ state: 'none' });
    expect((await askWith(readingKey, 'POST')).status).toBe(403);
    expect((await askWith(readingKey, 'DELETE')).status).toBe(403);
    expect((await fetch(`${origin}/hw/demo`, { method: 'POST' })).status).toBe(401);
  });

  it('is made by one click where there is nothing yet, and marked on every page', async () => {
    await page.getByRole('textbox', { name: 'Name' }).fill('Olive Owner');
    await page.getByRole('textbox', { name: 'Email' }).fill('olive@team.example');
    await page.getByLabel('New password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByRole('heading', { name: 'Nobody has come yet' }).waitFor();
    await page.getByRole('button', { name: 'Make the demo workspace' }).click();
    await page.getByRole('progressbar', { name: 'Simulating' }).waitFor();
    // A page of another site has the cookie, and not the header.
    expect((await page.request.delete(`${origin}/hw/demo`)).status()).toBe(403);
    // A second click finds the first one's work.
    expect((await askWith(adminKey, 'POST')).status).toBe(202);

    const banner = page.getByRole('complementary', { name: 'Simulated' });
    await banner.waitFor({ timeout: 150_000 });
    await settled(page);
    expect(await page.getByRole('button', { name: /^People/ }).textContent()).toMatch(/\d/);
    await page.getByRole('link', { name: 'Links', exact: true }).click();
    await page.getByRole('heading', { name: 'Links', level: 1 }).waitFor();
    await page.getByText('go.shop.example/spring').first().waitFor();
    expect(await banner.isVisible()).toBe(true);
    expect(orThrow(await hw.links.list()).links).toEqual([]);
  }, 180_000);

  it('has a map whose countries narrow everything', async () => {
    await page.goto(`${origin}/hw/overview`);
    await page.getByRole('img', { name: /^Map of the world/ }).waitFor();
    await page.locator('[data-country="DE"]').click();
    await page.waitForURL(/filters=.*country(%3A|:)DE/);
    await page.getByRole('button', { name: /^Remove the filter Country/ }).click();
    await page.waitForURL((url) => !url.search.includes('filters'));
    expect(new URL(page.url()).search).not.toContain('country');
  });

  it('says what somebody had agreed to at each of their arrivals', async () => {
    const { workspaceId } = (await demo.find())!;
    const simulated = (await demo.engineOf(workspaceId!))!;
    const { visitors } = orThrow(await simulated.visitors.list({ country: 'DE', limit: 1 }));
    await page.goto(`${origin}/hw/visitors/${visitors[0]!.id}?tab=path`);
    const said = page.getByText('analytics: granted').first();
    await said.waitFor();
    expect(await said.isVisible()).toBe(true);
  });

  it('is another key for who came with a secret key', async () => {
    const answer = await askWith(adminKey, 'POST');
    const {
      state,
      workspace_id: id,
      secret_key: key,
    } = (await answer.json()) as Record<string, string>;
    expect([answer.status, state]).toEqual([200, 'ready']);
    const read = (headers: Record<string, string>) =>
      fetch(`${origin}/hw/api/workspace`, {
        headers: { authorization: `Bearer ${key}`, ...headers },
      });
    expect(await (await read({ 'x-headwater-workspace': id! })).json()).toMatchObject({
      slug: 'demo',
      name: 'Demo (simulated)',
    });
    expect((await read({})).status).toBe(401);
  });

  it('is open to a viewer once it is there, and lets them out where it is broken', async () => {
    const context = await browser.newContext();
    const sent = await inviteToTeam(signIn.ground, await hw.workspaces.first(), {
      email: 'vera@team.example',
      role: 'viewer',
    });
    if (!sent.ok) throw new Error(sent.message);
    const joined = await context.request.post(`${origin}/hw/auth/join`, {
      headers: { 'x-headwater-request': '1', origin },
      data: {
        token: sent.value.url!.split('#')[1],
        name: 'Vera Viewer',
        password: 'correct horse battery',
      },
    });
    expect(joined.status()).toBeLessThan(300);
    const viewers = await context.newPage();
    viewers.setDefaultTimeout(20_000);
    await viewers.goto(`${origin}/hw/overview`);
    await viewers.getByRole('button', { name: 'Open the demo workspace' }).click();
    const banner = viewers.getByRole('complementary', { name: 'Simulated' });
    await banner.getByRole('button', { name: 'Back to your workspace' }).waitFor();
    expect(await banner.getByRole('button', { name: 'Delete the demo' }).count()).toBe(0);
    await viewers.route('**/hw/api/**', (route) =>
      route.fulfill({ status: 403, json: { error: 'Forbidden', code: 'forbidden' } }),
    );
    await viewers.reload();
    await viewers.getByRole('alert').waitFor();
    await viewers.unroute('**/hw/api/**');
    await viewers.getByRole('button', { name: 'Back to your workspace' }).click();
    await viewers.getByRole('heading', { name: 'Nobody has come yet' }).waitFor();
    expect(await banner.count()).toBe(0);
    await context.close();
  });

  it('is what the server says and not what its slug is', async () => {
    const { workspaceId } = (await demo.find())!;
    const simulated = (await demo.engineOf(workspaceId!))!;
    orThrow(await simulated.workspaces.update({ slug: 'shop' }));
    orThrow(await hw.workspaces.update({ slug: 'demo' }));
    await page.goto(`${origin}/hw/overview`);
    const banner = page.getByRole('complementary', { name: 'Simulated' });
    await banner.getByRole('button', { name: 'Back to your workspace' }).click();
    await page.getByRole('heading', { name: 'Nobody has come yet' }).waitFor();
    expect(await banner.count()).toBe(0);
    await page.getByRole('button', { name: 'Open the demo workspace' }).click();
    await banner.waitFor();
    expect(await banner.isVisible()).toBe(true);
  });

  it('goes by one click, and what is real stays', async () => {
    await page.goto(`${origin}/hw/overview`);
    await page.getByRole('button', { name: 'Delete the demo' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the demo' }).click();
    await page.getByRole('heading', { name: 'Nobody has come yet' }).waitFor();
    expect(await page.getByRole('complementary', { name: 'Simulated' }).count()).toBe(0);
    expect(await (await askWith(readingKey, 'GET')).json()).toMatchObject({ state: 'none' });
  });
});
