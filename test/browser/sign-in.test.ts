import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { bundle, startServer } from '../server/server-process.ts';
import type { ServerProcess } from '../server/server-process.ts';
import { password, startMailServer } from '../server/sign-in-server.ts';
import type { MailServer } from '../server/sign-in-server.ts';
import { launchBrowser } from '../support/browser.ts';

const axe = readFileSync(
  join(import.meta.dirname, '..', '..', 'node_modules', 'axe-core', 'axe.min.js'),
  'utf8',
);

describe('signing in, in a browser', () => {
  let folder: string;
  let mail: MailServer;
  let server: ServerProcess;
  let browser: Browser;
  let olive: BrowserContext;
  let home: string;
  const problems: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'headwater-sign-in-'));
    mail = await startMailServer();
    const variables = {
      HEADWATER_DATA: folder,
      SMTP_URL: mail.url,
      MAIL_FROM: 'Headwater <hello@team.example>',
    };
    server = await startServer(variables, bundle);
    home = server.ownerLink!.replace(/\/hw\/.*$/, '');
    browser = await launchBrowser();
    olive = await browser.newContext();
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await server[Symbol.asyncDispose]();
    await mail[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = async (context: BrowserContext, address: string): Promise<Page> => {
    const page = await context.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      // A refusal that the test provokes is written there too.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        problems.push(message.text());
    });
    await page.goto(address);
    return page;
  };
  /** What axe finds that keeps somebody from using a page is a problem too. */
  const inspect = async (page: Page): Promise<void> => {
    // Not as an element: the policy of the page allows no inline scripts.
    await page.evaluate(axe);
    const found = await page.evaluate(
      `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => id + ': ' + nodes[0].html))`,
    );
    problems.push(...(found as string[]).map((one) => `${page.url()} ${one}`));
  };
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  // Its label ends with a star, because it is required.
  const passwordField = (page: Page) => page.locator('input[autocomplete="current-password"]');
  const linkIn = (text: string): string => /https?:\/\/\S+/.exec(text)![0];

  it('makes the account of the owner from the owner link', async () => {
    const page = await open(olive, server.ownerLink!);
    await page.getByLabel('Name').waitFor();
    await inspect(page);
    await page.getByLabel('Name').fill('Olive Owner');
    await page.getByLabel('Email').fill('olive@team.example');
    await page.getByLabel('New password').fill('too short');
    await button(page, 'Make the account').click();
    await page.getByText('must have at least 10 characters').first().waitFor();
    await page.getByLabel('New password').fill(password);
    await button(page, 'Make the account').click();
    await page.getByRole('navigation', { name: 'Views' }).waitFor();
    expect(page.url()).toBe(`${home}/hw/overview`);
    const cookies = await olive.cookies(`${home}/hw/`);
    expect(cookies.find(({ name }) => name === '_hw_session')).toMatchObject({
      httpOnly: true,
      sameSite: 'Lax',
      path: '/hw',
    });
    expect(await page.evaluate('document.cookie')).not.toContain('_hw_session');
  });

  it('signs out, and in again with the password', async () => {
    const page = await open(olive, `${home}/hw/overview`);
    await button(page, 'Sign out').click();
    await page.getByLabel('Email').fill('olive@team.example');
    await passwordField(page).fill('a wrong password');
    await button(page, 'Sign in').click();
    await page.getByText('No account has this address and password').waitFor();
    await inspect(page);
    await passwordField(page).fill(password);
    await button(page, 'Sign in').click();
    await page.getByRole('navigation', { name: 'Views' }).waitFor();
    expect(page.url()).toBe(`${home}/hw/overview`);
  });

  it('invites a viewer by mail, who joins and is refused a write', async () => {
    const page = await open(olive, `${home}/hw/settings?tab=team`);
    await page.getByLabel('Email').fill('vera@team.example');
    await page.getByLabel('Role', { exact: true }).first().click();
    await page.getByRole('option', { name: 'Viewer' }).click();
    await button(page, 'Invite').click();
    await page.getByText('Invitation sent to vera@team.example').waitFor();

    const vera = await browser.newContext();
    const joining = await open(vera, linkIn(await mail.next('vera@team.example')));
    await joining.getByText('vera@team.example is invited to Default as Viewer.').waitFor();
    await inspect(joining);
    await joining.getByLabel('Name').fill('Vera Viewer');
    await joining.getByLabel('New password').fill(password);
    await button(joining, 'Make the account').click();
    await joining.getByRole('navigation', { name: 'Views' }).waitFor();

    const written = await joining.evaluate(async () => {
      const answer = await fetch('/hw/api/links', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-headwater-request': '1' },
        body: JSON.stringify({ url: 'https://shop.example/' }),
      });
      return [answer.status, ((await answer.json()) as { code: string }).code];
    });
    expect(written).toEqual([403, 'insufficient_scope']);
    await joining.goto(`${home}/hw/settings?tab=team`);
    await joining.getByText('olive@team.example').waitFor();
    expect(await button(joining, 'Invite').count()).toBe(0);
    // What a viewer may not do is not offered.
    expect(await joining.getByRole('tab', { name: 'Audit log' }).count()).toBe(0);
    await joining.goto(`${home}/hw/partners`);
    await joining.getByText('No partners yet').waitFor();
    expect(await button(joining, 'New partner').count()).toBe(0);
    await vera.close();

    await page.reload();
    await page.getByText('Vera Viewer').waitFor();
    await inspect(page);
  });

  it('signs in by a link in a mail, and gives a new password by one', async () => {
    const context = await browser.newContext();
    const page = await open(context, `${home}/hw/`);
    await page.getByLabel('Email').fill('vera@team.example');
    await button(page, 'Send me a link').click();
    await page.getByText('a link is on its way').waitFor();
    const landing = await open(context, linkIn(await mail.next('vera@team.example')));
    await button(landing, 'Sign in').click();
    await landing.getByRole('navigation', { name: 'Views' }).waitFor();
    await button(landing, 'Sign out').click();

    await landing.getByRole('link', { name: 'Forgot your password?' }).click();
    // The page before has a field and a button of the same names.
    await landing.getByText('We send a link to your address').waitFor();
    await landing.getByLabel('Email').fill('vera@team.example');
    await button(landing, 'Send me a link').click();
    const resetting = await open(context, linkIn(await mail.next('vera@team.example')));
    await resetting.getByLabel('New password').fill('another long password');
    await button(resetting, 'Save the password').click();
    await resetting.getByLabel('Email').fill('vera@team.example');
    await passwordField(resetting).fill('another long password');
    await button(resetting, 'Sign in').click();
    await resetting.getByRole('navigation', { name: 'Views' }).waitFor();
    expect(resetting.url()).toBe(`${home}/hw/overview`);
    await context.close();
  });

  it('changes a role, and shows where the account is signed in', async () => {
    const page = await open(olive, `${home}/hw/settings?tab=team`);
    await page.getByLabel('Role of Vera Viewer').first().click();
    await page.getByRole('option', { name: 'Member' }).click();
    await expect
      .poll(() => page.getByLabel('Role of Vera Viewer').first().inputValue())
      .toBe('Member');
    await page.goto(`${home}/hw/settings?tab=account`);
    await page.getByText('This one').waitFor();
    await inspect(page);
  });

  it('breaks no rule of its own content security policy, and is open to everybody by axe', () => {
    expect(problems).toEqual([]);
  });
});
