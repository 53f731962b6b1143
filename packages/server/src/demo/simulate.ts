import { orThrow } from 'headwater';
import type { Headwater, HeadwaterOptions } from 'headwater';

import { closeBackOffice, createSimulatedPlatform, openBackOffice } from './back-office.ts';
import { planCustomer } from './customer.ts';
import type { Visit } from './customer.ts';
import { inviteGuests } from './guests.ts';
import { openPartners, payPartners } from './partners.ts';
import { createRandom } from './random.ts';
import { linkHost, links, shopHost } from './shop.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** What the workspace is called at first; scripts know by the slug that it is filled. */
export const simulated = { name: 'Demo (simulated)', slug: 'demo' } as const;

const hour = 3_600_000;
const day = 24 * hour;

/** What an engine needs so that the simulation can use it. */
export function simulationOptions(clock: SimulatedClock): Partial<HeadwaterOptions> {
  return {
    clock,
    links: { domains: [linkHost] },
    ownHosts: [shopHost],
    // A thousand customers of one machine.
    limits: false,
    connectors: { fetch: createSimulatedPlatform() },
  };
}

export interface Simulation {
  readonly hw: Headwater;
  readonly clock: SimulatedClock;
  readonly seed?: number;
  readonly days?: number;
  readonly visitors?: number;
  readonly until?: number;
  /** So many people at once: what they do shares its transactions. @default 160 */
  readonly atOnce?: number;
  /** Whether some of it is recommended by partners. @default false */
  readonly partners?: boolean;
  readonly onProgress?: (done: number, all: number) => void;
  /** Ends it between two visits, with the reason of the signal. */
  readonly signal?: AbortSignal;
}

const stretch = 4 * day;

/**
 * Some weeks of a shop: people who come by searches, ads, newsletters and links, look around, come back on another
 * device, sign up, buy, and send things back. All of it goes the way that real traffic goes, and nothing is written
 * otherwise; the same seed gives the same weeks.
 */
export async function simulate(simulation: Simulation): Promise<void> {
  const { hw, clock, seed = 7, days = 60, visitors = 1_500, until = Date.now() } = simulation;
  const { atOnce = 160, partners = false, signal, onProgress } = simulation;
  await clock.within(async (at) => {
    at(until - days * day - hour);
    await prepare(hw, partners);
  });
  const random = createRandom(seed);
  const plans: Visit[][] = [];
  const start = until - days * day;
  for (let person = 0; person < visitors; person += 1)
    plans.push(
      planCustomer(seed * 100_000 + person, start + arrivalOf(random, days), until - hour),
    );

  let done = 0;
  const all = plans.reduce((sum, plan) => sum + plan.length, 0);
  // What happens in one stretch happens at once; the visits of one person stay in their order.
  for (let from = start; from < until; from += stretch) {
    const queue = plans
      .map((plan) => plan.filter(({ startsAt }) => startsAt >= from && startsAt < from + stretch))
      .filter((plan) => plan.length > 0);
    const takeOn = async (): Promise<void> => {
      for (let plan = queue.pop(); plan !== undefined; plan = queue.pop())
        for (const visit of plan) {
          signal?.throwIfAborted();
          await clock.within((at) => visit.run(hw, at));
          done += 1;
          onProgress?.(done, all);
        }
    };
    await Promise.all(Array.from({ length: atOnce }, takeOn));
    await clock.within(async (at) => {
      at(Math.min(from + stretch, until) - 1);
      await hw.connectors.deliverDue();
    });
  }
  await inviteGuests(hw, clock, { from: start, until, random });
  await closeBackOffice(hw, clock);
  if (partners) await payPartners(hw);
}

/** More on working days and in the evening, and a little more every week. */
function arrivalOf(random: ReturnType<typeof createRandom>, days: number): number {
  const chosen = Math.floor(random.next() ** 0.85 * days);
  const hourOfDay = random.pick<number>([
    [2, 2],
    [7, 5],
    [9, 12],
    [12, 14],
    [15, 13],
    [18, 16],
    [20, 18],
    [22, 8],
  ]);
  return Math.min(days - 0.02, chosen) * day + (hourOfDay + random.next() * 2) * hour;
}

async function prepare(hw: Headwater, hasPartners: boolean): Promise<void> {
  orThrow(
    await hw.workspaces.update({
      ...simulated,
      settings: { browserIdentify: 'trusted', browserSales: true },
    }),
  );
  const maya = hasPartners ? await openPartners(hw) : undefined;
  for (const [key, path, utmSource, utmMedium, utmCampaign, tags] of links)
    orThrow(
      await hw.links.create({
        domain: linkHost,
        key,
        url: `https://${shopHost}${path}`,
        utmSource,
        utmMedium,
        utmCampaign,
        tags: [...tags],
        ...(key === 'maya' && maya !== undefined && { linkType: 'referral', partnerId: maya }),
      }),
    );
  for (const [code, description] of [
    ['COFFEE', 'Barista meet-up'],
    ['MAYA10', 'Listeners of Maya'],
    ['FRIENDS', 'Every customer has one'],
  ] as const)
    orThrow(
      await hw.referrals.createCode({
        code,
        description,
        beneficiaryId: `friend_${code.toLowerCase()}`,
      }),
    );
  orThrow(
    await hw.funnels.create({
      name: 'From the first page to the order',
      window: { days: 14 },
      steps: [
        { label: 'Any page', filters: [{ kind: 'event', type: 'pageview' }] },
        { label: 'Cart', filters: [{ kind: 'url', value: '/cart' }] },
        { label: 'Checkout', filters: [{ kind: 'url', value: '/checkout' }] },
        { label: 'Order', filters: [{ kind: 'event', type: 'sale' }] },
      ],
    }),
  );
  for (const name of ['Wholesale partners', 'Beta of the subscription', 'Press'])
    orThrow(await hw.invitations.create({ name, usesMax: 25, expiresIn: { days: 400 } }));
  await openBackOffice(hw);
}
