import { prepareDestination } from '../capture/destination.ts';
import type { Destination, LinkCampaign } from '../capture/destination.ts';
import { fillCaptures, readPattern } from './link-pattern.ts';
import type { Captures, LinkPattern } from './link-pattern.ts';
import { limitKinds, routingLimits } from './link-routing.ts';
import type { LimitKind, LinkRouting } from './link-routing.ts';
import { isUsableDestination } from './link-url.ts';
import { prepareCondition } from './route-condition.ts';
import type { PreparedCondition } from './route-condition.ts';

/** A destination that may take captures. */
export interface Target {
  readonly url: string;
  readonly destination: Destination;
}

export interface PreparedLimit {
  readonly kind: LimitKind;
  readonly max: number;
  /** Clicks and people up to here are counted one by one, before they are let through. */
  readonly isExact: boolean;
  readonly target: Target | undefined;
}

export interface PreparedRule {
  readonly name: string;
  readonly conditions: readonly PreparedCondition[];
  readonly target: Target;
}

export interface PreparedVariant {
  readonly name: string;
  readonly weight: number;
  readonly target: Target;
}

export interface SocialCard {
  readonly title: string | null;
  readonly description: string | null;
  readonly image: string | null;
}

/** Everything about a link that a plain one has none of, prepared once. */
export interface Steering {
  readonly startsAt: number | undefined;
  readonly beforeStart: Target | undefined;
  readonly afterExpiry: Target | undefined;
  /** Empty: there is a password, and nobody knows it here. */
  readonly passwordHash: string | undefined;
  readonly limits: readonly PreparedLimit[];
  readonly rules: readonly PreparedRule[];
  readonly variants: readonly PreparedVariant[];
  /** `undefined`: all of them. */
  readonly parameters: ReadonlySet<string> | undefined;
  readonly card: SocialCard | undefined;
  readonly pattern: LinkPattern | undefined;
  readonly campaign: LinkCampaign;
  /** What rules ask that the request does not hold. */
  readonly wants: { readonly clicks: boolean; readonly customer: boolean };
}

export interface Steerable extends LinkCampaign {
  readonly id: string;
  readonly key: string;
  readonly routing?: LinkRouting | null | undefined;
  readonly passwordHash?: string | null | undefined;
  readonly ogTitle?: string | null | undefined;
  readonly ogDescription?: string | null | undefined;
  readonly ogImage?: string | null | undefined;
}

const noCampaign: LinkCampaign = {
  utmSource: null,
  utmMedium: null,
  utmCampaign: null,
  utmContent: null,
  utmTerm: null,
};

/** Of a plain link, for those who ask where it leads and why. */
export const plainSteering: Steering = {
  startsAt: undefined,
  beforeStart: undefined,
  afterExpiry: undefined,
  passwordHash: undefined,
  limits: [],
  rules: [],
  variants: [],
  parameters: undefined,
  card: undefined,
  pattern: undefined,
  campaign: noCampaign,
  wants: { clicks: false, customer: false },
};

/** `undefined` for a plain link: a redirect asks for nothing else. */
export function prepareSteering(link: Steerable): Steering | undefined {
  const routing = link.routing ?? undefined;
  const card = cardOf(link);
  const pattern = readPattern(link.key);
  const passwordHash = link.passwordHash ?? undefined;
  if (
    routing === undefined &&
    card === undefined &&
    pattern === undefined &&
    passwordHash === undefined
  )
    return undefined;
  const campaign: LinkCampaign = {
    utmSource: link.utmSource,
    utmMedium: link.utmMedium,
    utmCampaign: link.utmCampaign,
    utmContent: link.utmContent,
    utmTerm: link.utmTerm,
  };
  const rules = (routing?.rules ?? []).flatMap(({ name, when, url }): PreparedRule[] => {
    const target = toTarget(url, campaign);
    if (target === undefined) return [];
    const conditions = when.map((condition) => prepareCondition(condition, link.id, name));
    return [{ name, conditions, target }];
  });
  const asked = rules.flatMap(({ conditions }) => conditions.map(({ condition }) => condition));
  return {
    startsAt: routing?.start && Date.parse(routing.start.at),
    beforeStart: toTarget(routing?.start?.url, noCampaign),
    afterExpiry: toTarget(routing?.expiry?.url, noCampaign),
    passwordHash,
    limits: prepareLimits(routing),
    rules,
    variants: (routing?.variants ?? []).flatMap(({ name, weight, url }): PreparedVariant[] => {
      const target = toTarget(url, campaign);
      return target === undefined ? [] : [{ name, weight, target }];
    }),
    parameters: parametersOf(routing),
    card,
    pattern,
    campaign,
    wants: {
      clicks: asked.some(({ kind }) => kind === 'clicks'),
      customer: asked.some((one) => one.kind === 'visitor' && one.is === 'customer'),
    },
  };
}

/** Where a target leads, with what the key of a pattern link has captured. */
export function destinationOf(
  { url, destination }: Target,
  captures: Captures | undefined,
  campaign: LinkCampaign = noCampaign,
): Destination {
  return captures === undefined || !url.includes('{')
    ? destination
    : prepareDestination(fillCaptures(url, captures), campaign);
}

/** What the destination gets of a request's query. */
export function passedQuery(query: string, { parameters }: Steering): string {
  if (parameters === undefined || query === '') return query;
  return query
    .split('&')
    .filter((segment) => {
      const [[name] = ['']] = new URLSearchParams(segment);
      return parameters.has(name);
    })
    .join('&');
}

function prepareLimits(routing: LinkRouting | undefined): readonly PreparedLimit[] {
  return limitKinds.flatMap((kind) => {
    const limit = routing?.limits?.[kind];
    if (limit === undefined) return [];
    const isExact = limit.max <= routingLimits.exactMax;
    return [{ kind, max: limit.max, isExact, target: toTarget(limit.url, noCampaign) }];
  });
}

function parametersOf(routing: LinkRouting | undefined): ReadonlySet<string> | undefined {
  const query = routing?.query;
  if (query === undefined || query === 'all') return undefined;
  return new Set(query === 'none' ? [] : query);
}

function cardOf({ ogTitle, ogDescription, ogImage }: Steerable): SocialCard | undefined {
  const card = {
    title: ogTitle ?? null,
    description: ogDescription ?? null,
    image: ogImage ?? null,
  };
  return Object.values(card).every((value) => value === null) ? undefined : card;
}

/** What a row holds may be older than the rules for destinations, or written by somebody else. */
function toTarget(url: unknown, campaign: LinkCampaign): Target | undefined {
  return isUsableDestination(url)
    ? { url, destination: prepareDestination(url, campaign) }
    : undefined;
}
