import type { EventType } from '../../packages/engine/src/ingest/event.ts';
import { classifySource } from '../../packages/engine/src/sources/classify.ts';
import { fc } from './properties.ts';
import type { Sighting } from './people.ts';

/** A part of a file that arrives at once. */
export interface Delivery {
  readonly workspace: number;
  readonly sightings: readonly Sighting[];
  /** Two people whom somebody joins by hand afterwards, with an event of this id. */
  readonly join?: { readonly id: string; readonly at: number; readonly names: readonly string[] };
}

export interface EventFileOptions {
  readonly events: number;
  readonly workspaces: number;
  readonly seed: number;
}

const links = [1, 2, 3].map((last) => `0198a2d4-0000-7000-8000-00000000000${last}`);
const ownHosts = new Set(['shop.test']);
const addresses: ReadonlyArray<{ readonly url: string; readonly referrer?: string }> = [
  { url: 'https://shop.test/' },
  { url: 'https://shop.test/a', referrer: 'https://shop.test/' },
  { url: 'https://shop.test/?utm_source=google&utm_medium=cpc&utm_campaign=autumn' },
  { url: 'https://shop.test/?utm_source=newsletter&utm_medium=email' },
  { url: 'https://shop.test/?gclid=abc' },
  { url: 'https://shop.test/c', referrer: 'https://blog.test/' },
  { url: 'https://shop.test/d', referrer: 'https://checkout.stripe.com/' },
];
const types: readonly EventType[] = [
  ...Array<EventType>(8).fill('pageview'),
  ...Array<EventType>(3).fill('link_click'),
  ...Array<EventType>(3).fill('identify'),
  ...Array<EventType>(3).fill('sale'),
  ...Array<EventType>(2).fill('refund'),
  'lead',
  'engagement',
  'custom',
];

const draft = fc.record({
  id: fc.uuid({ version: 7 }),
  type: fc.constantFrom(...types),
  person: fc.nat(),
  device: fc.nat({ max: 2 }),
  /** Customers on one another's devices: who may not be joined is refused. */
  borrows: fc.nat({ max: 9 }).map((chance) => chance === 0),
  /** Minutes since the event before, and how much later than it happened it arrives: one in six does. */
  after: fc.nat({ max: 60 }),
  late: fc.nat({ max: 5 }).chain((chance) => fc.nat({ max: chance === 0 ? 4_000 : 0 })),
  moment: fc.nat({ max: 59_999 }),
  address: fc.constantFrom(...addresses),
  link: fc.constantFrom(...links),
  amount: fc.nat({ max: 9_999 }),
  currency: fc.constantFrom('EUR', 'EUR', 'USD', 'JPY'),
  /** What is sent again: one in twelve. */
  repeated: fc.nat({ max: 11 }).map((chance) => chance === 0),
  isMachine: fc.nat({ max: 15 }).map((chance) => chance === 0),
  of: fc.nat({ max: 20 }),
  takes: fc.constantFrom('some' as const, 'all' as const, 'the conversion' as const),
  joins: fc.nat({ max: 39 }).map((chance) => chance === 0),
  joinId: fc.uuid({ version: 7 }),
});
type Draft = typeof draft extends fc.Arbitrary<infer T> ? T : never;

/**
 * The events of some shops, as they arrive: clicks, page views, sign-ins on devices that others use too, conversions and
 * what takes them back, late ones, and repeats of what was sent before. The same seed makes the same file.
 */
export function writeEventFile({ events, workspaces, seed }: EventFileOptions): Delivery[] {
  const drafts = fc.sample(draft, { numRuns: events, seed });
  const sizes = fc.sample(fc.constantFrom(1, 2, 5, 20, 60), { numRuns: events, seed });
  const peopleCount = Math.max(3, Math.ceil(events / workspaces / 25));
  const deliveries: Delivery[] = [];
  const sent: Sighting[][] = Array.from({ length: workspaces }, () => []);
  let clock = 0;
  for (let start = 0; start < drafts.length;) {
    const part = drafts.slice(start, start + sizes[deliveries.length]!);
    start += part.length;
    const workspace = deliveries.length % workspaces;
    const before = sent[workspace]!;
    const sightings: Sighting[] = [];
    for (const each of part) {
      clock += each.after;
      const sighting = toSighting(each, clock, peopleCount, before);
      sightings.push(sighting);
      before.push(sighting);
      if (each.repeated) sightings.push(before[each.of % before.length]!);
    }
    const joins = part.find((each) => each.joins);
    deliveries.push({
      workspace,
      sightings,
      ...(joins !== undefined && {
        join: {
          id: joins.joinId,
          at: clock,
          names: [`device:${joins.person % peopleCount}-0`, `device:${joins.of % peopleCount}-1`],
        },
      }),
    });
  }
  return deliveries;
}

function toSighting(
  each: Draft,
  clock: number,
  peopleCount: number,
  before: readonly Sighting[],
): Sighting {
  const { id, type, address, amount } = each;
  const person = each.person % peopleCount;
  const owner = each.borrows ? (person + 1) % peopleCount : person;
  const device = `device:${owner}-${each.device}`;
  const who = {
    pageview: device,
    engagement: device,
    link_click: device,
    identify: `${device} user:${person} ${each.of % 2 === 0 ? `mail:${person}` : ''}`.trim(),
  }[type as string];
  return {
    id,
    type,
    at: clock - each.late + each.moment / 60_000,
    who: who ?? `user:${person}`,
    more: {
      ...(type === 'link_click' && clickOf(each)),
      ...(type === 'pageview' && {
        ...address,
        place: { country: 'Germany', countryCode: each.of % 3 === 0 ? 'FR' : 'DE' },
        arrival: { source: classifySource({ ...address, ownHosts, landing: true }) },
      }),
      ...(type === 'engagement' && { properties: { engaged_ms: amount } }),
      ...(type === 'sale' && { amountMinor: String(amount), currency: each.currency }),
      ...(type === 'refund' && takeBack(each, before)),
      // A server speaks of people whom it has named before, or is told that nobody knows them.
      ...(who === undefined && { createsVisitor: false, origin: 'api' as const }),
    },
  };
}

function clickOf({ link, isMachine }: Draft): Sighting['more'] {
  return {
    linkId: link,
    origin: 'redirect',
    ...(isMachine && { machine: 'Googlebot', identifiers: [], createsVisitor: false }),
    arrival: {
      source: {
        kind: 'campaign',
        source: `link ${link.at(-1)}`,
        medium: 'social',
        confidence: 'certain',
        rule: 'link.utm',
      },
    },
  };
}

/** Of a sale or a lead that was sent shortly before, by anybody: some of its money, all of it, or the whole conversion. */
function takeBack(
  { of, takes, amount }: Draft,
  before: readonly Sighting[],
): Partial<NonNullable<Sighting['more']>> {
  const meant = before.filter(({ type }) => type === 'sale' || type === 'lead').at(-1 - (of % 8));
  const { amountMinor, currency = 'EUR' } = meant?.more ?? {};
  return {
    ...(takes === 'some' && { amountMinor: String(amount % 3_000), currency }),
    ...(takes === 'all' && amountMinor !== undefined && { amountMinor, currency }),
    properties: { ...(meant !== undefined && of % 4 > 0 && { refund_of: meant.id! }) },
  };
}
