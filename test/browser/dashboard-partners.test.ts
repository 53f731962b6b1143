import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openDashboard, seriousViolations, settled } from '../support/dashboard.ts';
import type { Dashboard } from '../support/dashboard.ts';

let folder: string;
let dashboard: Dashboard;
let page: Page;
let programId = '';
let partnerId = '';
let batchId = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-partners-'));
  dashboard = await openDashboard({ folder, visitors: 2, days: 2 });
  page = await dashboard.newPage({ viewport: { width: 1280, height: 900 } });
}, 240_000);

afterAll(async () => {
  await dashboard?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

async function open(path: string, on = page): Promise<void> {
  await on.goto(dashboard.address + path);
  await settled(on);
}

const dialog = (): Locator => page.getByRole('dialog');
const button = (name: string | RegExp, within: Page | Locator = page): Locator =>
  within.getByRole('button', { name, exact: true });

async function download(name: string): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), button(name).click()]);
  return readFileSync(await file.path(), 'utf8');
}

/** The last part of the address of a view that has just been made. */
async function idOfView(view: RegExp): Promise<string> {
  await page.waitForURL(view);
  return new URL(page.url()).pathname.split('/').at(-1)!;
}

const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

/** Follows the partner's link on its own host. */
function follow(address: string, device: string): Promise<void> {
  const { host, pathname, search } = new URL(address);
  const headers = { host, 'user-agent': chrome, cookie: `_hw_visitor=${device}` };
  return new Promise((resolve, reject) => {
    request(
      new URL(pathname + search, dashboard.address),
      { headers, setHost: false },
      (answer) => {
        answer.resume();
        if (answer.statusCode === 302) resolve();
        else reject(new Error(`${address}: ${answer.statusCode}`));
      },
    )
      .on('error', reject)
      .end();
  });
}

async function sell(device: string, amount: number): Promise<void> {
  const answer = await fetch(`${dashboard.address}/api/events`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${dashboard.secretKey}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      event_type: 'sale',
      anonymous_id: device,
      amount_cents: amount,
      currency: 'USD',
    }),
  });
  expect(answer.ok).toBe(true);
}

describe('partners in the dashboard', () => {
  it('makes a programme, and a change of it is its next version', async () => {
    await open('/programs');
    await page.getByText('No programmes yet').waitFor();
    await button('New programme').first().click();
    await dialog().getByRole('textbox', { name: 'Name' }).first().fill('Friends');
    await dialog().getByRole('textbox', { name: 'Days held' }).fill('0');
    await dialog().getByRole('textbox', { name: 'Share of the sale' }).fill('0');
    await button('New programme', dialog()).click();
    // What the server refuses stands at the field that has it.
    await dialog().getByText('must be greater than 0').first().waitFor();
    await dialog().getByRole('textbox', { name: 'Share of the sale' }).fill('20');
    await button('New programme', dialog()).click();
    programId = await idOfView(/programs\/[\da-f-]{36}$/);
    await page.getByText('Version 1, since').waitFor();

    await button('Edit').click();
    await dialog().getByRole('textbox', { name: 'Days of the window' }).fill('60');
    await button('Save as version 2', dialog()).click();
    await page.getByText('Version 2, since').waitFor();
    expect((await dashboard.hw.partners.programs.versions(programId)).at(-1)).toMatchObject({
      version: 2,
      windowDays: 60,
      rules: [{ trigger: 'sale', terms: { percent: 20 }, timesMax: null, holdDays: 0 }],
    });
  });

  it('makes a partner in it, with a link to share', async () => {
    await open('/partners');
    await button('New partner').first().click();
    await dialog().getByRole('textbox', { name: 'Name' }).fill('Ada Lovelace');
    await dialog().getByRole('textbox', { name: 'Key' }).fill('ada');
    await dialog().getByRole('textbox', { name: 'Email' }).fill('ada@partners.example');
    await dialog().getByRole('combobox', { name: 'Programme' }).click();
    await page.getByRole('option', { name: 'Friends' }).click();
    await button('New partner', dialog()).click();
    partnerId = await idOfView(/partners\/[\da-f-]{36}$/);
    await page.getByRole('heading', { name: 'Ada Lovelace' }).waitFor();
    await button('New link').click();
    await dialog().getByRole('textbox', { name: 'Destination' }).fill('https://shop.example/');
    await button('New link', dialog()).click();
    await page.getByRole('link', { name: 'go.shop.example/ada' }).waitFor();
    expect(await dashboard.hw.partners.getByKey('ada')).toMatchObject({ id: partnerId, programId });
  });

  it('holds a suspicious commission until somebody decides, who may change their mind', async () => {
    await follow('https://go.shop.example/ada', 'device_of_somebody_new');
    await sell('device_of_somebody_new', 10_000);
    await follow('https://go.shop.example/ada?utm_medium=cpc', 'device_of_an_advertise');
    await sell('device_of_an_advertise', 30_000);
    await dashboard.hw.partners.commissions.settle();

    await open('/review');
    await page.getByText('The person came by an advertisement (cpc)').waitFor();
    expect(await page.getByRole('listitem').filter({ hasText: '$60.00' }).count()).toBe(1);
    await button('Reject $60.00').click();
    await dialog().getByRole('textbox', { name: 'Reason' }).fill('Paid search');
    await button('Reject', dialog()).click();
    await page.getByText('Nothing to review').waitFor();

    await page.getByText('All suspicious').click();
    await page.getByText('Noted: Paid search').waitFor();
    await button('Approve $60.00').click();
    await button('Approve', dialog()).click();
    await page.getByText('Available', { exact: true }).waitFor();
    expect(orThrow(await dashboard.hw.partners.commissions.list())).toMatchObject({
      commissions: [
        { status: 'available', decision: 'approved', note: 'Paid search' },
        { status: 'available', decision: null },
      ],
    });
    await open(`/commissions?status=available&partner=${partnerId}`);
    await page.getByText('2 commissions, $80.00 granted').waitFor();
    expect((await download('Export CSV')).trim().split('\r\n')).toHaveLength(3);
    await open(`/commissions?status=held&program=${programId}`);
    await page.getByText('Nothing matches').waitFor();
  });

  it('pays what is due, with a file for the bank, and notes what became of it', async () => {
    await open('/payouts?unit=USD&minimum=80.01');
    await page.getByText('Nothing is due').waitFor();
    await open('/payouts?unit=USD&minimum=80');
    await page.getByText('to one partner').waitFor();
    await button('Make payouts').click();
    await dialog().getByRole('textbox', { name: 'Note' }).fill('November');
    await button('Make payouts', dialog()).click();
    batchId = await idOfView(/payouts\/[\da-f-]{36}$/);
    await page.getByText('November').waitFor();
    expect(await download('Export CSV')).toContain('ada@partners.example,USD,80.00');
    await button('Mark all 1 as paid').click();
    await dialog().getByRole('textbox', { name: 'Reference' }).fill('wire 7');
    await button('Paid', dialog()).click();
    await page.getByRole('cell', { name: 'wire 7' }).waitFor();
    expect(await button(/^Mark/).count()).toBe(0);

    await open('/payouts?tab=history&status=paid');
    await page.getByRole('cell', { name: '$80.00' }).waitFor();
    await page.getByRole('link', { name: 'Ada Lovelace' }).click();
    await page.getByText('$0.00 held, $80.00 paid').waitFor();
  });

  it('shows what the partner sees, by an address that can be ended', async () => {
    await open(`/partners/${partnerId}?tab=page`);
    await button('Make an address').click();
    const address = await page.getByRole('link', { name: 'Open it' }).getAttribute('href');
    expect(await (await fetch(address!)).text()).toContain('<h1>Ada Lovelace</h1>');
    await button('End all addresses').click();
    await button('End all addresses', dialog()).click();
    await page.getByText('Every address has ended').waitFor();
    expect((await fetch(address!)).status).toBe(401);
  });

  it('suspends a partner by the keyboard alone, and finds who is suspended', async () => {
    await open('/partners?q=ada');
    await button('Suspend Ada Lovelace').focus();
    await page.keyboard.press('Enter');
    await button('Suspend', dialog()).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Ada Lovelace is suspended').waitFor();
    await open('/partners?status=disabled');
    await page.getByRole('link', { name: 'Ada Lovelace' }).waitFor();
    expect(await dashboard.hw.partners.get(partnerId)).toMatchObject({ status: 'disabled' });
    await open('/partners?group=gold');
    await page.getByText('Nothing matches').waitFor();
  });

  it('notes all of it in the audit log: who, what, and what it was before', async () => {
    await open('/settings?tab=audit&kind=payout');
    const row = page.getByRole('row').filter({ hasText: 'Payout updated' });
    await row.getByText('Key Dashboard').waitFor();
    await row.getByRole('button', { name: /^Details/ }).click();
    await dialog()
      .getByRole('row', { name: /status pending paid/ })
      .waitFor();
    await page.keyboard.press('Escape');
    expect(await download('Export CSV')).toContain('payout.updated');

    await page.getByRole('combobox', { name: 'Who did it' }).click();
    await page.getByRole('option', { name: 'The command line' }).click();
    await page.getByText('Nothing matches').waitFor();
    await open('/settings?tab=audit&from=2020-01-01&to=2020-01-31');
    await page.getByText('Nothing in this period').waitFor();
  });

  it('exports what the workspace has, in the format that was asked for', async () => {
    await open('/settings?tab=data');
    expect(await download('Export links')).toContain('go.shop.example,ada');
    await page.getByRole('combobox', { name: 'Format of Events' }).click();
    await page.getByRole('option', { name: 'NDJSON' }).click();
    expect(await download('Export events')).toContain('"type":"sale"');
  });

  it('asks before it keeps data for a shorter time, and the statement says so', async () => {
    await open('/settings?tab=privacy');
    await page.getByText('Events are stored without a limit').waitFor();
    await page.getByRole('textbox', { name: 'Events', exact: true }).fill('395');
    await page.getByRole('textbox', { name: 'Visits' }).fill('90');
    await button('Save').click();
    await button('Save', dialog()).click();
    await page.getByText('Events are stored for 395 days').waitFor();
    expect((await dashboard.hw.workspaces.first()).settings).toMatchObject({
      retentionDays: 395,
      retention: { visits: 90 },
    });
  });

  it('can be used in the dark and on a phone, and axe finds nothing serious', async () => {
    const phone = await dashboard.newPage({
      viewport: { width: 390, height: 844 },
      colorScheme: 'dark',
    });
    for (const path of [
      `/partners/${partnerId}?tab=page`,
      `/programs/${programId}`,
      '/review?show=all',
      '/payouts',
      `/payouts/${batchId}`,
      '/settings?tab=audit',
    ]) {
      await open(path, phone);
      const width = await phone.evaluate('document.documentElement.scrollWidth');
      expect(width, `${path} is not wider than the phone`).toBe(390);
      expect(await seriousViolations(phone)).toEqual([]);
    }
    await open(`/programs/${programId}`, phone);
    await button('Edit', phone).click();
    await button('Save as version 3', phone.getByRole('dialog')).waitFor();
    expect(await seriousViolations(phone)).toEqual([]);
    await phone.close();
    // What the form was refused is told by the browser as well.
    expect(dashboard.complaints.filter((text) => !text.includes('422'))).toEqual([]);
  });
});
