import type { Headwater } from 'headwater';
import { orThrow } from 'headwater';

import { openBrowser } from './browser.ts';
import type { SimulatedBrowser } from './browser.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import {
  arrivals,
  askedNetworks,
  baskets,
  browsers,
  firstNames,
  lastNames,
  networks,
  pages,
  returns,
} from './shop.ts';
import type { Arrival } from './shop.ts';

/** One day on which somebody comes. */
export interface Visit {
  readonly startsAt: number;
  /** Carries the visit out; the time it is handed moves on with each step. */
  run(hw: Headwater, at: (time: number) => void): Promise<void>;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** The visits of one person: the first one, those that follow, and what they come to. */
export function planCustomer(seed: number, firstAt: number, until: number): Visit[] {
  const random = createRandom(seed);
  const id = `cust_${1000 + seed}`;
  const name = `${pickOf(random, firstNames)} ${pickOf(random, lastNames)}`;
  const euro = random.chance(0.4);
  const network = random.pick(networks);
  const facts = {
    id,
    name,
    euro,
    network,
    consent: askedNetworks.has(network) ? answerOf(random) : undefined,
  };
  const devices = new Map<'first' | 'second', SimulatedBrowser>();
  const agents = { first: random.pick(browsers), second: random.pick(browsers) };
  const visits: Visit[] = [];
  let state: CustomerState = { isKnown: false, hasLead: false };
  let startsAt = firstAt;
  const count = random.pick([
    [1, 58],
    [2, 20],
    [3, 10],
    [4, 6],
    [6, 4],
    [9, 2],
  ]);
  for (let index = 0; index < count && startsAt < until; index += 1) {
    const device = index > 0 && random.chance(0.25) ? 'second' : 'first';
    const arrival = random.pick(index === 0 ? arrivals : returns);
    const steps = createRandom(seed * 97 + index);
    visits.push({
      startsAt,
      async run(hw, at) {
        let browser = devices.get(device);
        if (browser === undefined) {
          const remoteAddress = `${facts.network}.${1 + (seed % 250)}`;
          const { consent } = facts;
          browser = openBrowser(hw, { userAgent: agents[device], remoteAddress, consent });
          devices.set(device, browser);
        }
        state = await visit(
          { hw, browser, arrival, random: steps, at, facts, state, index },
          this.startsAt,
        );
      },
    });
    startsAt += Math.round(day * (0.2 + random.next() * 9));
  }
  return visits;
}

interface CustomerState {
  readonly isKnown: boolean;
  readonly hasLead: boolean;
}

interface Scene {
  readonly hw: Headwater;
  readonly browser: SimulatedBrowser;
  readonly arrival: Arrival;
  readonly random: Random;
  readonly at: (time: number) => void;
  readonly facts: {
    readonly id: string;
    readonly name: string;
    readonly euro: boolean;
    readonly network: string;
  };
  readonly state: CustomerState;
  /** How many visits there were before. */
  readonly index: number;
}

async function visit(scene: Scene, startsAt: number): Promise<CustomerState> {
  const { browser, arrival, random, at, facts, index } = scene;
  let now = startsAt;
  const wait = (milliseconds: number): void => {
    now += milliseconds;
    at(now);
  };
  at(now);
  if (arrival.link === undefined)
    await browser.load(withClickId(arrival.path ?? '/', `${facts.id}-${index}`), arrival.referrer);
  else await browser.click(arrival.link);
  const isBounce = random.chance(index === 0 ? 0.42 : 0.2);
  if (isBounce) return scene.state;
  for (let page = random.between(1, 5); page > 0; page -= 1) {
    wait(random.between(12, 150) * 1000);
    await browser.load(random.pick(pages));
  }
  let { isKnown, hasLead } = scene.state;
  const { events, visitors } = scene.hw;
  if (!hasLead && random.chance(0.16)) {
    wait(30_000);
    isKnown = true;
    hasLead = true;
    await browser.identify(facts.id);
    const email = `${facts.name.toLowerCase().replace(' ', '.')}.${facts.id.slice(5)}@mail.example`;
    orThrow(
      await visitors.identify({
        externalId: facts.id,
        email,
        name: facts.name,
        occurredAt: new Date(now),
      }),
    );
    await browser.lead();
    if (random.chance(0.3)) await redeem(scene);
  } else if (isKnown) {
    await browser.identify(facts.id);
  }
  if (isKnown && random.chance(index === 0 ? 0.45 : 0.65)) {
    wait(random.between(40, 200) * 1000);
    await browser.load('/cart');
    if (random.chance(0.25)) return { isKnown, hasLead };
    wait(random.between(20, 90) * 1000);
    await browser.load('/checkout');
    if (random.chance(0.18)) return { isKnown, hasLead };
    wait(random.between(20, 90) * 1000);
    const order = `order-${facts.id}-${index}`;
    const currency = facts.euro ? 'EUR' : 'USD';
    await browser.buy(random.pick(baskets), currency, order);
    if (random.chance(0.05)) {
      wait(2 * hour);
      orThrow(
        await events.track({ type: 'refund', externalId: facts.id, occurredAt: new Date(now) }),
      );
    }
  }
  return { isKnown, hasLead };
}

/** What somebody answers who is asked: who wants no measuring at all leaves nothing to simulate. */
function answerOf(random: Random): Readonly<Record<string, 'granted' | 'denied'>> {
  return { analytics: 'granted', ads: random.chance(0.7) ? 'granted' : 'denied' };
}

/** An ad's address has the id of the click, as its platform adds it. */
function withClickId(path: string, id: string): string {
  return path.includes('utm_source=facebook') ? `${path}&fbclid=${id}` : path;
}

/** A code that a friend has told. */
async function redeem({ hw, random, facts }: Scene): Promise<void> {
  const code = random.pick([
    ['COFFEE', 2],
    ['MAYA10', 3],
    ['FRIENDS', 4],
  ] as const);
  orThrow(await hw.referrals.redeem(code, { entity: { type: 'user', id: facts.id } }));
}

function pickOf<Item>(random: Random, items: readonly Item[]): Item {
  return items[random.between(0, items.length - 1)]!;
}
