import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openDashboard, seriousViolations, settled } from '../support/dashboard.ts';
import type { Dashboard } from '../support/dashboard.ts';

let folder: string;
let dashboard: Dashboard;
let page: Page;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-links-'));
  dashboard = await openDashboard({ folder, visitors: 8, days: 5 });
  page = await dashboard.newPage({ viewport: { width: 1280, height: 900 } });
}, 240_000);

afterAll(async () => {
  await dashboard?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

async function open(path: string): Promise<void> {
  await page.goto(dashboard.address + path);
  await settled(page);
}

async function linkOf(key: string) {
  const { links } = orThrow(await dashboard.hw.links.list({ search: key, archived: 'with' }));
  const link = links.find((one) => one.key === key);
  if (link === undefined) throw new Error(`There is no link ${key}`);
  return link;
}

/** Chooses of the list that a field opens. */
async function choose(field: string, option: string, nth = 0): Promise<void> {
  await page.getByRole('combobox', { name: field }).nth(nth).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

describe('links in the dashboard', () => {
  it('makes a link with rules, limits, a password and an app, and moves a rule by the keyboard', async () => {
    await open('/links/new');
    await page.getByRole('textbox', { name: 'Destination' }).fill('https://shop.example/sale');
    await page.getByRole('textbox', { name: 'Key' }).fill('ruled');
    await page.getByRole('button', { name: 'Rules' }).click();
    await page.getByRole('button', { name: 'Add a rule' }).click();
    const first = page.getByRole('group', { name: 'Rule 1' });
    await first.getByRole('textbox', { name: 'Name' }).fill('Germans');
    await choose('Values of Country', 'Germany');
    await page.keyboard.press('Escape');
    await first.getByRole('textbox', { name: 'Leads to' }).fill('https://shop.example/de');

    await page.getByRole('button', { name: 'Add a rule' }).click();
    const second = page.getByRole('group', { name: 'Rule 2' });
    await second.getByRole('textbox', { name: 'Name' }).fill('Customers');
    await second.getByRole('combobox', { name: 'What is asked about' }).click();
    await page.getByRole('option', { name: 'Visitor', exact: true }).click();
    await second.getByRole('combobox', { name: 'Visitor' }).click();
    await page.getByRole('option', { name: 'a customer' }).click();
    await second.getByRole('textbox', { name: 'Leads to' }).fill('https://shop.example/thanks');

    await page.getByRole('button', { name: 'Move Customers up' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Customers is now 1 of 2').waitFor({ state: 'attached' });
    await first.getByRole('textbox', { name: 'Name' }).waitFor();
    expect(await first.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Customers');
    // The keyboard is still on it.
    await expect
      .poll(() => page.evaluate('document.activeElement.getAttribute("aria-label")'))
      .toBe('Move Customers up');

    await page.getByRole('button', { name: 'Phones, apps and countries' }).click();
    await page
      .getByRole('textbox', { name: 'On iPhone and iPad' })
      .fill('https://apps.example/shop');
    await page.getByRole('button', { name: 'Time, limits and password' }).click();
    await page.getByRole('textbox', { name: 'Clicks at most' }).fill('1000');
    await page.getByRole('textbox', { name: 'Password' }).fill('open sesame');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('heading', { name: /\/ruled$/, level: 1 }).waitFor();
    expect(await linkOf('ruled')).toMatchObject({
      isProtected: true,
      iosUrl: 'https://apps.example/shop',
      routing: {
        limits: { clicks: { max: 1000 } },
        rules: [
          { name: 'Customers', when: [{ kind: 'visitor', is: 'customer' }] },
          { name: 'Germans', when: [{ kind: 'country', in: ['DE'] }] },
        ],
      },
    });
  });

  it('says beside its field what the server has against a rule', async () => {
    await open(`/links/${(await linkOf('ruled')).id}/edit`);
    const first = page.getByRole('group', { name: 'Rule 1' });
    await first.getByRole('textbox', { name: 'Leads to' }).fill('javascript:alert(1)');
    await page.getByRole('button', { name: 'Save' }).click();
    await first.getByText(/must/).waitFor();
    expect((await linkOf('ruled')).routing?.rules?.[0]?.url).toBe('https://shop.example/thanks');
  });

  it('simulates a request, and says which rule wins and why others do not', async () => {
    await open(`/links/${(await linkOf('ruled')).id}?tab=simulator`);
    await page.getByText('The password is asked for').first().waitFor();
    await page.getByRole('checkbox', { name: 'The right password is given' }).check();
    await choose('Country', 'Germany');
    const answer = page.getByRole('status').filter({ hasText: 'It leads to' });
    await answer.getByText('https://shop.example/de').waitFor();
    await answer.getByText('By the rule Germans').waitFor();
    await page.getByText("Its condition on visitor does not hold: the request's is new.").waitFor();

    await choose('Who', 'a customer');
    await answer.getByText('https://shop.example/thanks').waitFor();
    // Nobody had to look at the other rule.
    await page.getByText('Something before it has decided.').waitFor();
    await page.reload();
    await answer.getByText('https://shop.example/thanks').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
  });

  it('shows what became of an A/B test by real clicks and sales, with how sure that is', async () => {
    const { hw } = dashboard;
    const link = orThrow(
      await hw.links.create({
        key: 'tested',
        url: 'https://shop.example/',
        routing: {
          version: 1,
          variants: [
            { name: 'short', url: 'https://shop.example/short', weight: 1 },
            { name: 'long', url: 'https://shop.example/long', weight: 1 },
          ],
        },
      }),
    );
    for (let person = 0; person < 12; person += 1)
      await hw.handler(
        new Request(hw.links.shortUrl(link), {
          headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0' },
        }),
        { remoteAddress: `203.0.113.${person}` },
      );
    const latest = orThrow(await hw.links.clicks(link.id, { limit: 4 }));
    for (const { visitorId } of latest.clicks)
      orThrow(await hw.events.sale({ visitorId: visitorId!, amountMinor: 2500n, currency: 'USD' }));
    const report = orThrow(await hw.links.variants(link.id));
    expect(report.variants.reduce((sum, variant) => sum + variant.convertedPeople, 0)).toBe(4);
    await open(`/links/${link.id}?tab=variants`);
    await page.getByText('No winner yet: the data do not say').waitFor();
    for (const { name, clicks, convertedPeople, people } of report.variants) {
      const cells = page.getByRole('row', { name: new RegExp(`^${name}`) }).getByRole('cell');
      expect(await cells.nth(2).textContent()).toBe(String(clicks));
      expect(await cells.nth(5).textContent()).toMatch(
        new RegExp(`^${Number(((100 * convertedPeople) / people).toFixed(1))}%.+ to .+%$`),
      );
    }
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('tab', { name: 'Numbers' }).click();
    await page.getByRole('img').first().waitFor({ state: 'attached' });
    await page.getByRole('tab', { name: 'Browser', exact: true }).click();
    await page.waitForURL(/panels=/);
  });

  it('makes and renames folders, tags and templates, and narrows the list by them', async () => {
    await open('/links/labels');
    await page.getByRole('button', { name: 'New folder' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Sprng');
    await dialog.getByRole('button', { name: 'New folder' }).click();
    await page.getByRole('button', { name: 'Rename Sprng' }).click();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Spring');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'Spring', exact: true }).waitFor();

    await page.getByRole('tab', { name: 'UTM templates' }).click();
    await page.getByRole('button', { name: 'New template' }).click();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Mail');
    await dialog.getByRole('textbox', { name: 'Source' }).fill('newsletter');
    await dialog.getByRole('button', { name: 'New template' }).click();
    await page.getByRole('cell', { name: 'newsletter' }).waitFor();
    expect(await dashboard.hw.links.folders.list()).toMatchObject([{ name: 'Spring' }]);

    await page.getByRole('tab', { name: 'Tags' }).click();
    await page.getByRole('button', { name: 'Rename print' }).click();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('paper');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'paper' }).click();
    await page.waitForURL(/\/links\?tag=paper/);
    await page.getByRole('link', { name: /\/flyer$/ }).waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
  });

  it('changes many links at once, with a preview and an outcome of each, by the keyboard alone', async () => {
    await open('/links?q=shop.example');
    const press = async (label: string, key = 'Enter'): Promise<void> => {
      await page.getByLabel(label, { exact: true }).focus();
      await page.keyboard.press(key);
    };
    await press('Choose go.shop.example/flyer', 'Space');
    await press('Choose go.shop.example/maya', 'Space');
    await page.getByText('2 links are chosen').waitFor();
    await page.getByRole('button', { name: 'Change', exact: true }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('What you leave empty stays as it is').waitFor();
    // The first field has the keyboard.
    await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('INPUT');
    await page.keyboard.type('checked');
    await page.keyboard.press('Enter');
    await dialog.getByRole('combobox', { name: 'Folder' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('Spr');
    await page.getByRole('option', { name: 'Spring' }).waitFor();
    for (let step = 0; step < 2; step += 1) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await dialog.getByRole('textbox', { name: 'Campaign' }).focus();
    await page.keyboard.type('spring-27');
    await page.keyboard.press('Enter');
    await dialog.getByText('2 of 2 would change.').waitFor();
    await dialog.getByText(/from print|from paper, qr to paper, qr, checked/).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Change 2 links' }).focus();
    await page.keyboard.press('Enter');
    await dialog.getByText('2 of 2 are through').waitFor();
    expect(await dialog.getByRole('cell', { name: 'Changed' }).count()).toBe(2);
    await dialog.getByRole('button', { name: 'Done' }).focus();
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    const [spring] = await dashboard.hw.links.folders.list();
    for (const key of ['flyer', 'maya'])
      expect(await linkOf(key)).toMatchObject({
        folderId: spring!.id,
        utmCampaign: 'spring-27',
        tags: expect.arrayContaining(['checked']) as unknown,
      });
  });

  it('says who changed what, and goes back to how a link was', async () => {
    const { id } = await linkOf('flyer');
    await open(`/links/${id}?tab=history`);
    await page.getByText(/from paper, qr to paper, qr, checked/).waitFor();
    await page
      .getByRole('button', { name: /^Go back to/ })
      .first()
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Go back to it' }).click();
    await expect.poll(async () => (await linkOf('flyer')).tags).toEqual(['paper', 'qr']);
    expect(await seriousViolations(page)).toEqual([]);
  });

  it('imports a file after a dry run that says what each line would do', async () => {
    const file = {
      name: 'links.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(
        [
          'key,url,tags',
          'imported-1,https://shop.example/1,"a, b"',
          'imported-2,ftp://shop.example/2,',
          'flyer,https://shop.example/other,',
          'imported-3,https://shop.example/3,',
        ].join('\n'),
      ),
    };
    await open('/links/import');
    await page.locator('input[type="file"]').setInputFiles(file);
    await page.getByRole('button', { name: 'See what would happen' }).click();
    await page.getByText('What would happen to each line').waitFor();
    const refused = page.getByRole('row').filter({ hasText: 'Refused' });
    expect(await refused.textContent()).toMatch(/^3.*url/);
    await page.getByRole('row').filter({ hasText: '/flyer' }).getByText('Skipped').waitFor();
    const { links } = orThrow(await dashboard.hw.links.list({ search: 'imported' }));
    expect(links).toEqual([]);
    expect(await seriousViolations(page)).toEqual([]);

    await page.getByRole('button', { name: 'Import 2 links' }).click();
    await page.getByText('The import is done').waitFor();
    await page.getByRole('link', { name: /imported-3$/ }).waitFor();
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ]);
    expect(
      readFileSync(await saved.path(), 'utf8')
        .trim()
        .split('\r\n'),
    ).toHaveLength(5);
    expect(await linkOf('imported-1')).toMatchObject({ url: 'https://shop.example/1' });
  });

  it('has no view that is wider than a phone', async () => {
    const phone = await dashboard.newPage({
      viewport: { width: 390, height: 844 },
      colorScheme: 'dark',
    });
    const { id } = await linkOf('ruled');
    for (const path of [
      `/links/${id}`,
      `/links/${id}?tab=simulator&unlocked=true`,
      `/links/${(await linkOf('tested')).id}?tab=variants`,
      `/links/${id}?tab=history`,
      `/links/${id}/edit`,
      '/links/labels',
      '/links/import',
    ]) {
      await phone.goto(dashboard.address + path);
      await settled(phone);
      const width = await phone.evaluate('document.documentElement.scrollWidth');
      expect(width, `${path} is as wide as the phone`).toBe(390);
      expect(await seriousViolations(phone)).toEqual([]);
    }
    await phone.close();
    // What a rule was refused with is a complaint of the browser too.
    expect(dashboard.complaints.filter((words) => !words.includes('422'))).toEqual([]);
  });
});
