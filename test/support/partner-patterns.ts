import { orThrow } from '../../packages/engine/src/kernel/result.ts';
import type { TestHeadwater } from '../../packages/engine/src/testing/index.ts';

/** One way to cheat, and what looks like it and is not. */
export interface PartnerPattern {
  readonly name: string;
  /** What has to be found. */
  readonly kind: string;
  /** Events of the sales that are suspicious, and of those that are not. */
  readonly guilty: readonly string[];
  readonly innocent: readonly string[];
}

const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

/** A workspace in which every pattern has happened once, and its innocent twin beside it. Links are on go.test. */
export async function seedPartnerPatterns(hw: TestHeadwater): Promise<readonly PartnerPattern[]> {
  let devices = 0;
  const newDevice = (): string => `device${String((devices += 1)).padStart(16, '0')}`;
  const program = orThrow(
    await hw.partners.programs.create({
      name: 'Everybody',
      rules: [
        {
          name: 'sales',
          trigger: 'sale',
          terms: { percent: 10 },
          timesMax: null,
          holdDays: 30,
        },
      ],
    }),
  );

  async function newPartner(
    key: string,
    more: { readonly externalId?: string; readonly email?: string } = {},
  ): Promise<string> {
    const partner = orThrow(
      await hw.partners.create({ key, name: key, programId: program.id, ...more }),
    );
    orThrow(
      await hw.links.create({
        domain: 'go.test',
        key,
        url: 'https://shop.test/',
        linkType: 'referral',
        partnerId: partner.id,
      }),
    );
    return partner.id;
  }

  async function follow(
    key: string,
    device: string,
    { address = '198.51.100.1', query = '' } = {},
  ): Promise<void> {
    await hw.handler(
      new Request(`https://go.test/${key}${query}`, {
        headers: { host: 'go.test', 'user-agent': chrome, cookie: `_hw_visitor=${device}` },
      }),
      { remoteAddress: address },
    );
    hw.clock.advance({ minutes: 1 });
  }

  /** Comes to the shop by something else. */
  async function come(device: string, referrer: string | undefined): Promise<void> {
    orThrow(
      await hw.events.track(
        {
          type: 'pageview',
          anonymousId: device,
          url: 'https://shop.test/',
          ...(referrer !== undefined && { referrer }),
        },
        { createsVisitor: true },
      ),
    );
    hw.clock.advance({ minutes: 5 });
  }

  const logIn = async (device: string, externalId: string, email?: string): Promise<void> => {
    await hw.visitors.identify({ anonymousId: device, externalId, ...(email && { email }) });
    hw.clock.advance({ minutes: 1 });
  };

  async function buy(externalId: string, coupon?: string): Promise<string> {
    const told = orThrow(
      await hw.events.sale({
        externalId,
        amountMinor: 10_000n,
        currency: 'EUR',
        ...(coupon !== undefined && { coupon }),
      }),
    );
    hw.clock.advance({ hours: 3 });
    return told.eventId;
  }

  /** Somebody new who follows a link and buys. */
  async function refer(
    key: string,
    customer: string,
    more: {
      readonly address?: string;
      readonly query?: string;
      readonly email?: string;
    } = {},
  ): Promise<string> {
    const device = newDevice();
    await follow(key, device, more);
    await logIn(device, customer, more.email);
    return buy(customer);
  }

  const patterns: PartnerPattern[] = [];

  await newPartner('self', { externalId: 'user_self', email: 'self@partners.test' });
  patterns.push({
    name: 'buys by a link of their own',
    kind: 'self_referral',
    guilty: [await refer('self', 'user_self')],
    innocent: [await refer('self', 'user_friend')],
  });
  await newPartner('mail', { email: 'mail@partners.test' });
  patterns.push({
    name: 'buys from a second account with the same address',
    kind: 'self_referral',
    guilty: [await refer('mail', 'user_alias', { email: 'Mail@partners.test' })],
    innocent: [await refer('mail', 'user_colleague', { email: 'other@partners.test' })],
  });

  await newPartner('device', { externalId: 'user_device' });
  const own = newDevice();
  await logIn(own, 'user_device');
  const second = newDevice();
  await follow('device', second);
  await logIn(second, 'user_second');
  await logIn(own, 'user_second');
  patterns.push({
    name: 'buys from a second account on the same device',
    kind: 'self_referral',
    guilty: [await buy('user_second')],
    // The same office: one network, and a device of their own.
    innocent: [await refer('device', 'user_desk_mate')],
  });

  await newPartner('ads');
  patterns.push({
    name: 'advertises where that is forbidden',
    kind: 'paid_ad',
    guilty: [
      await refer('ads', 'user_ad', { query: '?gclid=abc' }),
      await refer('ads', 'user_cpc', { query: '?utm_source=google&utm_medium=cpc' }),
    ],
    innocent: [await refer('ads', 'user_post', { query: '?utm_source=x&utm_medium=social' })],
  });

  await newPartner('flood');
  for (let click = 0; click < 60; click += 1) await followQuietly('flood', '203.0.113.9');
  const flooded = await refer('flood', 'user_flood', { address: '203.0.113.9' });
  await newPartner('letter');
  for (let click = 0; click < 60; click += 1) await followQuietly('letter', `192.0.${click}.9`);
  patterns.push({
    name: 'floods the link with clicks from one network',
    kind: 'click_flood',
    guilty: [flooded],
    // A newsletter: as many clicks at once, from many networks.
    innocent: [await refer('letter', 'user_letter', { address: '192.0.7.9' })],
  });

  const couponsId = await newPartner('coupons');
  orThrow(await hw.partners.coupons.add(couponsId, 'SAVE10'));
  const shopper = newDevice();
  await come(shopper, 'https://www.google.com/');
  await logIn(shopper, 'user_shopper');
  const hijacked = await buy('user_shopper', 'save10');
  const late = newDevice();
  await come(late, 'https://www.google.com/');
  await follow('coupons', late);
  await logIn(late, 'user_late');
  const stolen = await buy('user_late');
  // Brought by the partner days ago, and back by a search.
  const reader = newDevice();
  await follow('coupons', reader);
  hw.clock.advance({ days: 2 });
  await come(reader, 'https://www.google.com/');
  await logIn(reader, 'user_reader');
  const returned = await buy('user_reader', 'SAVE10');
  // Heard of the coupon, and typed the address.
  const listener = newDevice();
  await come(listener, undefined);
  await logIn(listener, 'user_listener');
  patterns.push({
    name: 'comes in shortly before a purchase that somebody else has brought',
    kind: 'coupon_hijack',
    guilty: [hijacked, stolen],
    innocent: [returned, await buy('user_listener', 'SAVE10')],
  });

  for (const one of ['r1', 'r2', 'r3']) await newPartner(one, { externalId: `user_${one}` });
  const ring = [
    await refer('r1', 'user_r2'),
    await refer('r2', 'user_r3'),
    await refer('r3', 'user_r1'),
  ];
  for (const one of ['t1', 't2']) await newPartner(one, { externalId: `user_${one}` });
  patterns.push({
    name: 'partners refer one another in a circle',
    kind: 'ring',
    guilty: ring,
    // One partner has brought another, who brings a customer.
    innocent: [await refer('t1', 'user_t2'), await refer('t2', 'user_t3')],
  });
  await hw.events.flush();
  return patterns;

  /** As many as there are within a minute. */
  async function followQuietly(key: string, address: string): Promise<void> {
    await follow(key, newDevice(), { address });
    hw.clock.set(new Date(hw.clock.now() - 55_000));
  }
}
