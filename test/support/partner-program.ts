import { orThrow } from 'headwater';
import type { Headwater } from 'headwater';

const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

/** Where a programme that has something to show is, by the ids of what is in it. */
export interface ShownProgram {
  readonly programId: string;
  readonly partnerId: string;
  readonly batchId: string;
}

/**
 * A programme in its second version with four partners, who have brought customers by real clicks: commissions that can
 * be paid, that are held and that are suspicious, and a batch of payouts. What is there already is shown as it is.
 */
export async function showPartnerProgram(hw: Headwater): Promise<ShownProgram> {
  const [shown] = await hw.partners.programs.list();
  if (shown !== undefined) return idsOf(hw, shown.id);
  const { currency } = await hw.workspaces.first();
  const sales = { trigger: 'sale', timesMax: null, months: 12 } as const;
  const rules = [
    { ...sales, name: 'sales', terms: { percent: 20 }, holdDays: 30 },
    { ...sales, name: 'gold', terms: { percent: 30 }, group: 'gold' },
    { name: 'leads', trigger: 'lead', terms: { amountMinor: 500n, unit: currency } } as const,
  ];
  const made = orThrow(
    await hw.partners.programs.create({ name: 'Friends of the shop', rules: rules.slice(0, 2) }),
  );
  const program = orThrow(await hw.partners.programs.update(made.id, { rules, windowDays: 60 }));
  const join = async (key: string, name: string, more: object = {}): Promise<string> => {
    const partner = orThrow(
      await hw.partners.create({ key, name, programId: program.id, ...more }),
    );
    orThrow(
      await hw.links.create({
        key,
        url: 'https://shop.example/',
        linkType: 'referral',
        partnerId: partner.id,
      }),
    );
    return partner.id;
  };
  const ada = await join('ada', 'Ada Lovelace', { group: 'gold', email: 'ada@partners.example' });
  await join('grace', 'Grace Hopper', { externalId: 'user_grace' });
  const alan = await join('alan', 'Alan Turing');
  orThrow(await hw.partners.create({ key: 'joan', name: 'Joan Clarke' }));
  orThrow(await hw.partners.coupons.add(ada, 'ADA10'));

  await refer(hw, 'ada', 'customer_1', 12_900n);
  await refer(hw, 'ada', 'customer_2', 4_950n);
  await refer(hw, 'alan', 'customer_3', 8_800n);
  await hw.partners.commissions.settle();
  const { payouts } = orThrow(await hw.partners.payouts.make({ note: 'October' }));
  orThrow(await hw.partners.payouts.mark(payouts[0]!, { status: 'paid', reference: 'wire 7' }));
  await refer(hw, 'ada', 'customer_4', 7_400n);
  await refer(hw, 'ada', 'customer_5', 15_000n, '?utm_source=google&utm_medium=cpc');
  await refer(hw, 'grace', 'user_grace', 9_900n);
  await hw.partners.commissions.settle();
  orThrow(await hw.partners.update(alan, { status: 'disabled' }));
  return idsOf(hw, program.id);
}

async function idsOf(hw: Headwater, programId: string): Promise<ShownProgram> {
  const { payouts } = orThrow(await hw.partners.payouts.list({ limit: 1 }));
  const [payout] = payouts;
  return { programId, partnerId: payout!.partnerId, batchId: payout!.batchId };
}

/** Somebody new follows a partner's link, signs in and buys. */
async function refer(
  hw: Headwater,
  key: string,
  customer: string,
  amountMinor: bigint,
  query = '',
): Promise<void> {
  const { links } = orThrow(await hw.links.list({ search: key, limit: 50 }));
  const { domain } = links.find((link) => link.key === key)!;
  const device = `device_${customer}`.padEnd(22, '0');
  await hw.handler(
    new Request(`https://${domain}/${key}${query}`, {
      headers: { host: domain, 'user-agent': chrome, cookie: `_hw_visitor=${device}` },
    }),
    { remoteAddress: '198.51.100.1' },
  );
  orThrow(await hw.visitors.identify({ anonymousId: device, externalId: customer }));
  const { currency } = await hw.workspaces.first();
  orThrow(await hw.events.sale({ externalId: customer, amountMinor, currency }));
}
