import { orThrow } from 'headwater';
import type { Headwater } from 'headwater';

/** Who earns on what they recommend; answers the partner whose link is among the shop's. */
export async function openPartners(hw: Headwater): Promise<string> {
  const program = orThrow(
    await hw.partners.programs.create({
      name: 'Friends of the shop',
      windowDays: 60,
      rules: [
        { name: 'sales', trigger: 'sale', terms: { percent: 15 }, holdDays: 14, timesMax: null },
        { name: 'leads', trigger: 'lead', terms: { amountMinor: 200n, unit: 'USD' } },
      ],
    }),
  );
  const join = async (key: string, name: string): Promise<string> =>
    orThrow(await hw.partners.create({ key, name, programId: program.id })).id;
  await join('beanblog', 'The Bean Blog');
  return join('maya', 'Maya Okafor');
}

/** What was earned and is through its holding time is paid, and the first transfer is made. */
export async function payPartners(hw: Headwater): Promise<void> {
  await hw.partners.commissions.settle();
  const { payouts } = orThrow(await hw.partners.payouts.make({ note: 'First quarter' }));
  const [first] = payouts;
  if (first !== undefined)
    orThrow(await hw.partners.payouts.mark(first, { status: 'paid', reference: 'transfer 1' }));
}
