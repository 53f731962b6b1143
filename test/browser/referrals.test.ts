import { orThrow } from 'headwater';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { launchBrowser } from '../support/browser.ts';
import { openMembersApp } from './members-app.ts';
import type { MembersApp } from './members-app.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** A headless browser says that it is one, and would be a machine. */
const newDevice = (): Promise<BrowserContext> =>
  browser.newContext({
    userAgent:
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  });

async function signUp(page: Page, name: string, email = `${name}@people.test`): Promise<void> {
  await page.locator('[name=name]').fill(name);
  await page.locator('[name=email]').fill(email);
  await page.getByText('Sign up', { exact: true }).click();
}

/** What a member reads of their earnings, once the background work has come so far. */
async function expectEarnings(app: MembersApp, page: Page, text: string): Promise<void> {
  await page.goto(`${app.url}/earnings`);
  const earnings = async (): Promise<string> => {
    await page.reload();
    return (await page.locator('p').allTextContents()).join(', ');
  };
  await expect.poll(earnings, { timeout: 20_000, interval: 500 }).toBe(text);
}

it(
  'takes an invited person from the mail to a member with the role of the invitation',
  { timeout: 120_000 },
  async () => {
    await using app = await openMembersApp();
    const { hw } = app;
    const invitation = orThrow(
      await hw.invitations.create({
        name: 'Editors',
        attributes: { role: 'editor' },
        emails: ['ann@people.test'],
        usesMax: 1,
        owner: ['user', 'boss'],
      }),
    );
    const link = hw.invitations.url(invitation, `${app.url}/signup?lang=en`);
    app.mails.push(`<a href="${link}">Join us</a>`);

    // The scanner of the mail service looks at the link first, and a browser opens it twice.
    const looked = await fetch(link.replace('app.test', '127.0.0.1'), { method: 'HEAD' });
    expect(looked.status).toBe(200);
    await using device = await newDevice();
    const page = await device.newPage();
    for (let time = 0; time < 2; time += 1) {
      await page.goto(app.inbox);
      await page.getByText('Join us').click();
      await page.getByText('You are invited').waitFor();
    }
    expect((await hw.invitations.get(invitation.id))?.uses).toBe(0);
    const kept = (await device.cookies(app.url)).find(({ name }) => name === '_hw_ref');
    expect(kept).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
    expect(kept?.value).not.toContain(invitation.token);

    // On to another page and back: the address has no token any more, the cookie knows the invitation.
    await page.getByText('Pricing', { exact: true }).click();
    await page.getByText('You are invited').waitFor();
    await signUp(page, 'ann');
    await page.getByText('Hello ann, you are editor').waitFor();
    expect(await app.members()).toEqual([{ id: 'ann', role: 'editor' }]);
    expect((await device.cookies(app.url)).map(({ name }) => name)).not.toContain('_hw_ref');
    expect((await hw.invitations.get(invitation.id))?.uses).toBe(1);

    // Who came anonymously and who signed up are one person, who came by the invitation.
    await hw.events.flush();
    const person = (await hw.visitors.getByExternalId('ann'))!;
    const { path } = orThrow(await hw.visitors.attribution(person.id));
    expect(path).toMatchObject([{ kind: 'invitation', campaign: 'Editors' }]);
    const { steps } = orThrow(await hw.invitations.funnel(invitation, { count: 'entities' }));
    expect(steps.map(({ count }) => count)).toEqual([1, 1, 0]);

    // The seat is taken, and no member is left behind by the attempt.
    await using another = await newDevice();
    const late = await another.newPage();
    await late.goto(link);
    expect(await late.getByText('You are invited').count()).toBe(0);
    expect(await app.members()).toHaveLength(1);
  },
);

it(
  'rewards both sides of a shared code for the first payment, and takes it back with the refund',
  { timeout: 120_000 },
  async () => {
    await using app = await openMembersApp();
    const { hw } = app;
    orThrow(
      await hw.referrals.rewards.createRule({
        name: 'Friends',
        trigger: 'payment',
        referrer: { percent: 20 },
        referee: { amountMinor: 500n, unit: 'EUR' },
      }),
    );
    await using hers = await newDevice();
    const ann = await hers.newPage();
    await ann.goto(app.url);
    await signUp(ann, 'ann');
    await ann.getByText('Hello ann, you are member').waitFor();
    const code = orThrow(await hw.referrals.createCode({ creatorId: 'ann' }));

    // A foreign `ref` is left aside; the code of a friend is kept over the pages.
    await using his = await newDevice();
    const bob = await his.newPage();
    await bob.goto(`${app.url}/?ref=producthunt`);
    expect(await bob.getByText('Your code is').count()).toBe(0);
    await bob.goto(`${app.url}/?ref=${code.code.toLowerCase()}`);
    await bob.getByText(`Your code is ${code.code}`).waitFor();
    await bob.getByText('Pricing', { exact: true }).click();
    await bob.getByText(`Your code is ${code.code}`).waitFor();
    await signUp(bob, 'bob');
    await bob.getByText('Hello bob, you are member').waitFor();
    expect(orThrow(await hw.referrals.stats(code.id))).toMatchObject({
      totalUses: 1,
      recentUsers: ['bob'],
    });
    // The sign-up was a transaction of the application: who signed up is known a moment after it.
    await expect.poll(() => hw.visitors.getByExternalId('bob'), { timeout: 10_000 }).toBeDefined();
    await bob.getByText('Buy', { exact: true }).click();
    await bob.getByText('Hello bob, you are member').waitFor();

    await expectEarnings(app, ann, '9.98 EUR');
    await expectEarnings(app, bob, '5.00 EUR');
    const bobs = (await hw.visitors.getByExternalId('bob'))!;
    const { path } = orThrow(await hw.visitors.attribution(bobs.id));
    expect(path.at(-1)).toMatchObject({ source: 'referral_code', campaign: code.code });

    orThrow(
      await hw.events.track({
        type: 'refund',
        externalId: 'bob',
        refundOfKey: 'order of bob',
        amountMinor: 2_495n,
        currency: 'EUR',
      }),
    );
    await expectEarnings(app, ann, '4.99 EUR');
    await expectEarnings(app, bob, '2.50 EUR');
    orThrow(
      await hw.events.track({ type: 'refund', externalId: 'bob', refundOfKey: 'order of bob' }),
    );
    await expectEarnings(app, ann, '0.00 EUR');
    await expectEarnings(app, bob, '0.00 EUR');
    const { entries } = orThrow(await hw.ledger.entries({ account: ['user', 'ann'] }));
    expect(entries.map(({ kind, amountMinor }) => [kind, amountMinor])).toEqual([
      ['reversal', -499n],
      ['reversal', -499n],
      ['earning', 998n],
    ]);
  },
);
