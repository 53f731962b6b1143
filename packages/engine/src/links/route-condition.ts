import type { DeviceDescription } from '../devices/device.ts';
import { prepareAddressRanges } from '../places/address-range.ts';
import type { Place } from '../places/place.ts';
import type { ListCondition, RouteCondition, VisitorStanding } from './link-routing.ts';
import { prepareTimeWindow } from './time-window.ts';
import { visitorShare } from './visitor-share.ts';

/** What is known of a request. What is `undefined` is unknown, and no condition on it holds. */
export interface RouteFacts {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly place: Place | undefined;
  readonly device: Pick<DeviceDescription, 'deviceType' | 'system' | 'browser'>;
  /** The language that is asked for first: `pt-BR`. */
  readonly language: string | undefined;
  /** Without the question mark. */
  readonly query: string;
  /** A host in lower case; empty where the request names none. */
  readonly referrer: string;
  readonly address: string | undefined;
  /** By what shares are drawn: the same text for the same visitor. */
  readonly visitor: string | undefined;
  readonly standing: VisitorStanding | undefined;
  /** How often the link was followed before. */
  readonly clicks: number | undefined;
}

/** A condition, taken apart once. */
export interface PreparedCondition {
  readonly condition: RouteCondition;
  /** `undefined`: what it asks for is not known of the request. */
  holds(facts: RouteFacts): boolean | undefined;
  /** What the request has of what is asked for, for people. */
  saw(facts: RouteFacts): string | undefined;
}

interface Test {
  holds(facts: RouteFacts): boolean | undefined;
  saw(facts: RouteFacts): string | undefined;
}

/** @param name tells the shares of different rules apart */
export function prepareCondition(
  condition: RouteCondition,
  linkId: string,
  name: string,
): PreparedCondition {
  const test = prepareTest(condition, linkId, name);
  const isTurned = condition.not === true;
  return {
    condition,
    saw: test.saw,
    holds(facts) {
      const held = test.holds(facts);
      return held === undefined ? undefined : held !== isTurned;
    },
  };
}

function prepareTest(condition: RouteCondition, linkId: string, name: string): Test {
  switch (condition.kind) {
    case 'time':
      return prepareTimeWindow(condition);
    case 'query': {
      const values = condition.in && new Set(condition.in);
      const read = ({ query }: RouteFacts) => new URLSearchParams(query).getAll(condition.name);
      return {
        holds: (facts) => {
          const given = read(facts);
          return values === undefined ? given.length > 0 : given.some((value) => values.has(value));
        },
        saw: (facts) => read(facts).join(', ') || undefined,
      };
    }
    case 'visitor':
      return {
        // A customer is somebody known, too.
        holds: ({ standing }) =>
          standing &&
          (standing === condition.is || (condition.is === 'known' && standing === 'customer')),
        saw: ({ standing }) => standing,
      };
    case 'clicks': {
      const { from = 0, below = Infinity } = condition;
      return {
        holds: ({ clicks }) =>
          clicks === undefined ? undefined : clicks >= from && clicks < below,
        saw: ({ clicks }) => clicks?.toString(),
      };
    }
    case 'share': {
      const shareOf = ({ visitor }: RouteFacts) =>
        visitor === undefined ? undefined : visitorShare(visitor, linkId, `rule ${name}`) * 100;
      return {
        holds: (facts) => {
          const share = shareOf(facts);
          return share === undefined ? undefined : share < condition.percent;
        },
        saw: (facts) => shareOf(facts)?.toFixed(2),
      };
    }
    case 'address': {
      const contains = prepareAddressRanges(condition.in);
      return {
        holds: ({ address }) => (address === undefined ? undefined : contains(address)),
        saw: ({ address }) => address,
      };
    }
    case 'country':
    case 'region':
    case 'city':
    case 'device':
    case 'system':
    case 'browser':
    case 'language':
    case 'referrer':
      break;
  }
  return prepareList(condition.kind, condition.in);
}

function prepareList(kind: keyof typeof readers, list: readonly string[]): Test {
  const values = new Set(list.map((text) => text.toLowerCase()));
  const saw = readers[kind];
  const isOne =
    kind === 'referrer'
      ? (value: string) => someEnd(value, '.', values)
      : kind === 'language'
        ? // `pt` means `pt-BR` too (RFC 4647 §3.3.1).
          (value: string) => someBegin(value, '-', values)
        : (value: string) => values.has(value);
  return {
    holds: (facts) => {
      const value = saw(facts)?.toLowerCase();
      return value === undefined ? undefined : isOne(value);
    },
    saw: (facts) => {
      const value = saw(facts);
      return value === '' ? 'none' : value;
    },
  };
}

const readers: Readonly<
  Record<Exclude<ListCondition['kind'], 'address'>, (facts: RouteFacts) => string | undefined>
> = {
  country: ({ place }) => place?.countryCode,
  region: ({ place }) => place?.region,
  city: ({ place }) => place?.city,
  device: ({ device }) => (device.deviceType === 'unknown' ? undefined : device.deviceType),
  system: ({ device }) => device.system,
  browser: ({ device }) => device.browser,
  language: ({ language }) => language,
  referrer: ({ referrer }) => referrer,
};

function someEnd(text: string, separator: string, values: ReadonlySet<string>): boolean {
  for (let rest = text; ;) {
    if (values.has(rest)) return true;
    const at = rest.indexOf(separator);
    if (at === -1) return false;
    rest = rest.slice(at + 1);
  }
}

function someBegin(text: string, separator: string, values: ReadonlySet<string>): boolean {
  for (let rest = text; ;) {
    if (values.has(rest)) return true;
    const at = rest.lastIndexOf(separator);
    if (at === -1) return false;
    rest = rest.slice(0, at);
  }
}
