import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openDashboard, settled } from '../support/dashboard.ts';
import type { Dashboard } from '../support/dashboard.ts';
import { openReceiver } from '../support/receiver.ts';

let folder: string;
let dashboard: Dashboard;
let page: Page;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-platforms-'));
  dashboard = await openDashboard({ folder, visitors: 60, days: 20 });
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

async function download(button: string): Promise<string> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  return readFileSync(await file.path(), 'utf8');
}

describe('connectors in the dashboard', () => {
  it('stores what a platform needs, switches it on, and never shows a secret again', async () => {
    await open('/connectors');
    await page.getByRole('link', { name: 'TikTok Events API' }).click();
    await page.getByRole('heading', { name: 'TikTok Events API', level: 1 }).waitFor();
    await page.getByLabel('Access token').fill('a-secret-token');
    await page.getByLabel('Pixel code').fill('C0FFEE');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved').waitFor();
    await page.getByRole('button', { name: 'Switch on' }).click();
    await page.getByRole('button', { name: 'Switch off' }).waitFor();

    expect(await dashboard.hw.connectors.get('tiktok')).toMatchObject({ enabled: true });
    await page.reload();
    await settled(page);
    expect(await page.getByLabel('Access token').inputValue()).toBe('');
    expect(await page.getByLabel('Access token').getAttribute('placeholder')).toMatch(/^Stored/);
    expect(await page.content()).not.toContain('a-secret-token');

    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click();
    await page.getByRole('button', { name: 'Switch on' }).waitFor();
  });

  it('shows what would be sent for a conversion, and sends it again', async () => {
    const { dispatches } = orThrow(
      await dashboard.hw.connectors.dispatches.list({ status: 'delivered', limit: 1 }),
    );
    await open(`/dispatches/${dispatches[0]!.id}`);
    expect(
      await page.getByRole('region', { name: 'What would be sent now' }).textContent(),
    ).toContain(dispatches[0]!.eventId);
    await page.getByRole('button', { name: 'Send now' }).click();
    await page.getByText('1 on their way').waitFor();
    await dashboard.hw.connectors.deliverDue();
    // The view looks again by itself until it is through.
    await page.getByRole('button', { name: 'Send now', disabled: false }).waitFor();
    expect(await dashboard.hw.connectors.dispatches.get(dispatches[0]!.id)).toMatchObject({
      status: 'delivered',
      replays: 1,
    });
  });

  it('narrows the log by state with the filter in the address, says how many it would send again, and exports it', async () => {
    await open('/dispatches?period=90d');
    await page.getByRole('combobox', { name: 'State' }).click();
    await page.getByRole('option', { name: 'Delivered' }).click();
    await page.waitForURL(/status=delivered/);
    await settled(page);
    const [count] = orThrow(
      await dashboard.hw.connectors.dispatches.summary({ status: 'delivered' }),
    );
    expect((await download('Export CSV')).trim().split('\r\n')).toHaveLength(count!.count + 1);
    await page.getByRole('button', { name: 'Send again …' }).click();
    await page.getByText(`${count!.count} conversions would be sent again`).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await open('/dispatches?status=failed');
    await page.getByText('Nothing matches').waitFor();
  });

  it('shows what platforms were told of one person', async () => {
    const { dispatches } = orThrow(await dashboard.hw.connectors.dispatches.list({ limit: 1 }));
    const { visitorId } = dispatches[0]!;
    await open(`/visitors/${visitorId}?tab=dispatches`);
    const own = orThrow(await dashboard.hw.connectors.dispatches.list({ visitorId }));
    expect(await page.getByRole('row').count()).toBe(own.dispatches.length + 1);
    const nobody = '01900000-0000-7000-8000-00000000dead';
    const none = orThrow(await dashboard.hw.connectors.dispatches.list({ visitorId: nobody }));
    expect(none.dispatches).toEqual([]);
  });

  it('says what a platform claims beside what the journeys credit', async () => {
    await open('/claims?period=90d&goal=lead');
    const report = orThrow(
      await dashboard.hw.connectors.claims({
        goals: ['lead'],
        from: new Date(Date.now() - 90 * 86_400_000),
      }),
    );
    const row = page.getByRole('table', { name: 'Claims' }).getByRole('row', { name: /Meta/ });
    expect(report.rows).toHaveLength(1);
    expect(await row.textContent()).toContain(String(report.rows[0]!.claimed.conversions));
  });
});

describe('webhooks in the dashboard', () => {
  it('makes one, shows its secret once, tests it, and shows what was answered', async () => {
    await using receiver = await openReceiver();
    await open('/webhooks');
    await page.getByRole('button', { name: 'New webhook' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Address' }).fill(receiver.url);
    await dialog.getByRole('textbox', { name: 'Description' }).fill('Stock keeper');
    await dialog.getByRole('button', { name: 'New webhook' }).click();
    await page.getByText(/^whsec_/).waitFor();
    await page.getByRole('button', { name: 'Done' }).click();

    await page.getByRole('link', { name: receiver.url }).click();
    await page.getByRole('heading', { name: 'Stock keeper', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('The test has arrived').waitFor();
    expect(receiver.received).toHaveLength(1);
    const row = page.getByRole('row', { name: /webhook\.test/ });
    expect(await row.textContent()).toContain('204');

    await row.getByRole('button', { name: 'Send webhook.test again' }).click();
    await expect.poll(() => receiver.received.length, { timeout: 10_000 }).toBe(2);
    expect(receiver.received[1]!.headers['webhook-id']).toBe(
      receiver.received[0]!.headers['webhook-id'],
    );

    receiver.answer = { status: 500 };
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText(/The test has not arrived/).waitFor();

    await page.getByRole('button', { name: 'New secret' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'New secret' }).click();
    await page.getByText(/^whsec_/).waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
  });

  it('says beside the field why an address is refused', async () => {
    await open('/webhooks');
    await page.getByRole('button', { name: 'New webhook' }).click();
    const address = page.getByRole('dialog').getByRole('textbox', { name: 'Address' });
    await address.fill('ftp://orders.example');
    await page.getByRole('dialog').getByRole('button', { name: 'New webhook' }).click();
    await page.getByRole('alert').waitFor();
    expect(await address.getAttribute('aria-invalid')).toBe('true');
  });
});

describe('payment sources in the dashboard', () => {
  it('makes one, takes its secret, and shows the messages that arrive', async () => {
    await open('/payments');
    await page.getByRole('button', { name: 'New payment source' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Till');
    await dialog.getByRole('button', { name: 'New payment source' }).click();
    await page.getByRole('heading', { name: 'Till', level: 1 }).waitFor();
    await page.getByText('No messages yet').waitFor();

    await page.getByRole('button', { name: 'Signing secret …' }).click();
    await dialog.getByLabel('Signing secret').fill('whsec_till');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved').waitFor();

    const address = (await page.locator('pre').first().textContent())!;
    const text = JSON.stringify({
      id: 'evt_1',
      object: 'event',
      type: 'customer.created',
      livemode: true,
      created: Math.floor(Date.now() / 1000),
      data: { object: { id: 'cus_1', object: 'customer' } },
    });
    const time = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', 'whsec_till').update(`${time}.${text}`).digest('hex');
    const answer = await fetch(address, {
      method: 'POST',
      headers: {
        'stripe-signature': `t=${time},v1=${signature}`,
        'content-type': 'application/json',
      },
      body: text,
    });
    expect(answer.status).toBeLessThan(300);
    await page.reload();
    await page.getByRole('cell', { name: 'customer.created' }).waitFor();
    await page.getByRole('cell', { name: 'Ignored' }).waitFor();
  });
});
