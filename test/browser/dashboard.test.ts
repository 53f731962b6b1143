import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { dashboardViews, openDashboard, seriousViolations, settled } from '../support/dashboard.ts';
import type { Dashboard } from '../support/dashboard.ts';

let folder: string;
let dashboard: Dashboard;
let page: Page;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-dashboard-'));
  dashboard = await openDashboard({ folder, visitors: 40, days: 20 });
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

describe('the dashboard', () => {
  it(
    'shows every view without a complaint of the browser, by day, in the dark and on a phone, and axe finds nothing serious',
    { timeout: 480_000 },
    async () => {
      const found: Record<string, string[]> = {};
      for (const [name, path] of Object.entries(await dashboardViews(dashboard))) {
        await open(path);
        const violations = await seriousViolations(page);
        await page.emulateMedia({ colorScheme: 'dark' });
        await page.setViewportSize({ width: 390, height: 844 });
        await settled(page);
        violations.push(...(await seriousViolations(page)).map((line) => `in the dark: ${line}`));
        const width = await page.evaluate('document.scrollingElement.scrollWidth');
        if (width !== 390) violations.push(`is ${String(width)} wide on a phone`);
        await page.emulateMedia({ colorScheme: 'light' });
        await page.setViewportSize({ width: 1280, height: 900 });
        if (violations.length > 0) found[name] = violations;
      }
      expect(found).toEqual({});
      expect(dashboard.complaints).toEqual([]);
    },
  );

  it('has its views behind a button on a phone', async () => {
    const phone = await dashboard.newPage({ viewport: { width: 390, height: 844 } });
    await open('/overview', phone);
    await phone.getByRole('button', { name: 'Open the menu' }).click();
    await phone.getByRole('link', { name: 'Visitors' }).click();
    await phone.getByRole('heading', { name: 'Visitors' }).waitFor();
    expect(phone.url()).toBe(`${dashboard.address}/visitors`);
    await phone.close();
  });

  it('narrows everything by a row that is clicked, with the filter in the address', async () => {
    await open('/overview');
    const people = page.getByRole('button', { name: /^People/ });
    const before = await people.textContent();
    await page
      .getByRole('table', { name: 'Channel' })
      .getByRole('button', { name: 'Organic Search' })
      .click();
    await page.waitForURL(/filters=.*Organic/);
    await expect.poll(() => people.textContent(), { timeout: 10_000 }).not.toBe(before);
    await page.reload();
    await page.getByRole('button', { name: /Remove the filter Channel/ }).click();
    await page.waitForURL((url) => !url.search.includes('filters'));
    await expect.poll(() => people.textContent(), { timeout: 10_000 }).toBe(before);
  });

  it('makes a link with a preview of where it leads, and archives and restores it', async () => {
    await open('/links/new');
    await page.getByRole('textbox', { name: 'Destination' }).fill('https://shop.example/offer?a=1');
    await page.getByRole('textbox', { name: 'Key' }).fill('offer');
    await page.getByRole('textbox', { name: 'Source' }).fill('radio');
    await page.getByText('https://shop.example/offer?a=1&utm_source=radio').waitFor();
    await page.getByRole('button', { name: 'New link' }).click();
    await page.getByRole('heading', { name: 'go.shop.example/offer' }).waitFor();

    await open('/links?q=offer');
    await page.getByRole('button', { name: 'Actions for go.shop.example/offer' }).click();
    await page.getByRole('menuitem', { name: 'Archive' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Archive' }).click();
    await page.getByText('Nothing matches').waitFor();
    await open('/links?q=offer&archived=only');
    await page.getByRole('button', { name: 'Actions for go.shop.example/offer' }).click();
    await page.getByRole('menuitem', { name: 'Restore' }).click();
    await page.getByText('Nothing matches').waitFor();
    const { links } = orThrow(await dashboard.hw.links.list({ search: 'offer' }));
    expect(links).toMatchObject([{ key: 'offer', utmSource: 'radio' }]);
  });

  it('says what is wrong with a link beside its field', async () => {
    await open('/links/new');
    await page.getByRole('textbox', { name: 'Destination' }).fill('https://shop.example/');
    await page.getByRole('textbox', { name: 'Key' }).fill('not a key');
    await page.getByRole('button', { name: 'New link' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('textbox', { name: 'Key' }).getAttribute('aria-invalid')).toBe(
      'true',
    );
  });

  it('finds a person by their whole email, and shows what they did', async () => {
    const { visitors } = orThrow(await dashboard.hw.visitors.list({ limit: 200 }));
    const known = visitors.find(({ email, name }) => email !== undefined && name !== undefined)!;
    await open(`/visitors?q=${encodeURIComponent(known.email!.toUpperCase())}`);
    await page.getByRole('link', { name: known.name! }).click();
    await page.getByRole('heading', { name: known.name!, level: 1 }).waitFor();
    expect(await page.getByText('Identified').first().isVisible()).toBe(true);
    await open('/visitors?q=nobody@mail.example');
    expect(await page.getByText('Nothing matches').isVisible()).toBe(true);
  });

  it('narrows the people by how far they have come, with the filter in the address', async () => {
    await open('/visitors');
    await page.getByRole('combobox', { name: 'State' }).click();
    await page.getByRole('option', { name: 'Customer' }).click();
    await page.waitForURL(/status=customer/);
    await settled(page);
    const { visitors } = orThrow(
      await dashboard.hw.visitors.list({ status: 'customer', limit: 200 }),
    );
    expect(await page.getByRole('row').count()).toBe(Math.min(visitors.length, 25) + 1);
    await open('/visitors?country=AQ');
    expect(await page.getByText('Nothing matches').isVisible()).toBe(true);
  });

  it('shows what the report of a period has learned since a day', async () => {
    const { visitors } = orThrow(await dashboard.hw.visitors.list({ status: 'customer' }));
    const today = new Date().toISOString().slice(0, 10);
    await open(`/attribution?since=${today}`);
    orThrow(
      await dashboard.hw.events.track({
        type: 'sale',
        visitorId: visitors[0]!.id,
        amountMinor: 77_700n,
        currency: 'EUR',
        occurredAt: new Date(Date.now() - 3_600_000),
      }),
    );
    await page.reload();
    await settled(page);
    const table = page.getByRole('table', { name: 'What has changed' });
    expect(await table.textContent()).toMatch(/→ €/);
    await open('/attribution?since=2099-01-01');
    await page.getByText(/^This report said the same/).waitFor();
  });

  it('takes a merge back, and says so', async () => {
    const device = async (id: string) =>
      orThrow(await dashboard.hw.visitors.resolve({ identifiers: [{ kind: 'till', value: id }] }))
        .visitor!.id;
    const [one, other] = [await device('till-1'), await device('till-2')];
    orThrow(await dashboard.hw.visitors.merge({ visitorId: one, otherVisitorId: other }));
    await open(`/visitors/${one}?tab=identity`);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click();
    await page.getByText(/^Undone on/).waitFor();
    expect((await dashboard.hw.visitors.get(one))?.id).not.toBe(
      (await dashboard.hw.visitors.get(other))?.id,
    );
  });

  it('exports what a table shows', async () => {
    await open('/overview');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ]);
    expect(readFileSync(await download.path(), 'utf8')).toMatch(/^visitors,/);
  });

  it('is driven by the keyboard alone', async () => {
    await open('/overview');
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByPlaceholder('Go to a view').waitFor();
    await page.keyboard.type('attri');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Attribution', level: 1 }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('g');
    await page.keyboard.press('l');
    await page.getByRole('heading', { name: 'Links', level: 1 }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/hw/links');
  });

  it('shows an event as it is recorded', async () => {
    await open('/live');
    await page.getByRole('status').getByText('Live').waitFor();
    const { visitors } = orThrow(await dashboard.hw.visitors.list({ limit: 1 }));
    orThrow(
      await dashboard.hw.events.track({
        type: 'custom',
        name: 'brewed',
        visitorId: visitors[0]!.id,
      }),
    );
    const line = page.getByRole('log').getByText('Custom event: brewed');
    await line.waitFor();
    expect(await line.count()).toBe(1);
  });
});
