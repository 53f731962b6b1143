import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openDashboard, settled } from '../support/dashboard.ts';
import type { Dashboard } from '../support/dashboard.ts';

let folder: string;
let dashboard: Dashboard;
let page: Page;
const friend = { type: 'user', id: 'friend_of_the_house' } as const;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-growth-'));
  dashboard = await openDashboard({ folder, visitors: 20, days: 10 });
  const { referrals } = dashboard.hw;
  const { code } = orThrow(await referrals.createCode({ code: 'HOUSE', beneficiaryId: friend.id }));
  orThrow(await referrals.redeem(code, { entity: { type: 'user', id: 'newcomer_1' } }));
  orThrow(await referrals.redeem(code, { entity: { type: 'user', id: 'newcomer_2' } }));
  await referrals.rewards.settle();
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

describe('growth in the dashboard', () => {
  it('makes a programme, and a change of it is its next version', async () => {
    await open('/rewards?tab=rules');
    await page.getByRole('button', { name: 'New programme' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Autumn');
    await dialog.getByRole('textbox', { name: 'Amount' }).first().fill('12.50');
    await dialog.getByRole('textbox', { name: 'Currency or unit' }).first().fill('EUR');
    await dialog.getByRole('button', { name: 'New programme' }).click();
    await page.getByRole('cell', { name: 'Autumn · v1' }).waitFor();
    const made = async () =>
      (await dashboard.hw.referrals.rewards.rules()).find(({ name }) => name === 'Autumn');
    expect(await made()).toMatchObject({
      trigger: 'payment',
      referrer: { amountMinor: 1250n, unit: 'EUR' },
      referee: null,
    });

    await page.getByRole('button', { name: 'Edit Autumn' }).click();
    await dialog.getByRole('textbox', { name: 'Days held' }).fill('30');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('cell', { name: 'Autumn · v2' }).waitFor();
    expect(await made()).toMatchObject({ version: 2, holdDays: 30 });
  });

  it('shows what an account has earned, notes a payout, and reverses a line', async () => {
    await open(`/rewards?account=${friend.id}`);
    expect(await page.getByRole('cell', { name: '50 beans' }).count()).toBe(2);
    await page.getByRole('link', { name: friend.id }).first().click();
    await page.getByRole('heading', { name: `Balance of ${friend.id}` }).waitFor();
    await page.getByRole('button', { name: 'Note a payout' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Amount' }).fill('30');
    await dialog.getByRole('button', { name: 'Note a payout' }).click();
    await page.getByRole('cell', { name: 'Payout' }).waitFor();
    expect(orThrow(await dashboard.hw.ledger.balances(friend))).toMatchObject([
      { unit: 'beans', availableMinor: 70n, paidMinor: 30n },
    ]);

    await page.getByRole('button', { name: 'Reverse -30 beans?' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reverse' }).click();
    await page.getByRole('cell', { name: 'Payout taken back' }).waitFor();
    expect(await download('Export CSV')).toContain('payout_reversal');
  });

  it('refuses a payout of more than there is, and says why', async () => {
    await open(`/ledger?account=${friend.id}`);
    await page.getByRole('button', { name: 'Note a payout' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Amount' }).fill('3000');
    await dialog.getByRole('button', { name: 'Note a payout' }).click();
    await dialog.getByRole('alert').waitFor();
    expect(orThrow(await dashboard.hw.ledger.balances(friend))).toMatchObject([
      { availableMinor: 100n, paidMinor: 0n },
    ]);
  });

  it('takes a referral back, and with it what it has earned', async () => {
    await open(`/referrals?referrer=${friend.id}`);
    await page.getByRole('button', { name: 'Take back the referral of newcomer_2' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
    await page.getByRole('cell', { name: 'Taken back' }).waitFor();
    await dashboard.hw.referrals.rewards.settle();
    await open(`/rewards?account=${friend.id}&status=reversed`);
    expect(await page.getByRole('cell', { name: '50 beans' }).count()).toBe(1);
    await open('/referrals?referee=nobody');
    await page.getByText('Nothing matches').waitFor();
  });

  it('invites the next of the waitlist, and saves their tokens', async () => {
    await open('/waitlist');
    await page.getByRole('button', { name: 'Invite the next' }).click();
    await page.getByRole('dialog').getByRole('textbox', { name: 'How many' }).fill('2');
    expect((await download('Invite, and save the tokens')).trim().split('\r\n')).toHaveLength(3);
    await open('/waitlist?status=invited');
    expect(await page.getByRole('row').count()).toBe(3);
  });

  it('shuts the gate, and says since when', async () => {
    await open('/settings?tab=referrals');
    await page.getByText('The gate is open').waitFor();
    await page.getByRole('switch', { name: 'A sign-up needs a code or an invitation' }).check();
    await page.getByRole('textbox', { name: 'Uses at most for each code' }).fill('40');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/The gate is shut since/).waitFor();
    expect((await dashboard.hw.workspaces.first()).settings.referrals).toMatchObject({
      required: true,
      usesMaxPerCode: 40,
    });
  });
});
