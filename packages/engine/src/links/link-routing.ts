/**
 * Where requests to a link go beside its destination, as it is stored. Every name is one word, so that the library, the
 * API, files and history share this form.
 */
export interface LinkRouting {
  readonly version: 1;
  /** Before this moment the link leads to `url`, or to its domain's page for links that are not active. */
  readonly start?: { readonly at: string; readonly url?: string | undefined } | undefined;
  /** Where the link leads once it has expired. @default the domain's page for expired links */
  readonly expiry?: { readonly url: string } | undefined;
  readonly limits?: LinkLimits | undefined;
  /** The first one whose conditions all hold decides. */
  readonly rules?: readonly RouteRule[] | undefined;
  /** They share what would go to the link's `url`, by weight. */
  readonly variants?: readonly Variant[] | undefined;
  /** What the variants are judged by. @default 'conversions' */
  readonly goal?: VariantGoal | undefined;
  /** Since when these variants have these weights. Written by the engine, whatever is given. */
  readonly since?: string | undefined;
  /** Which parameters of the request the destination gets. @default 'all' */
  readonly query?: 'all' | 'none' | readonly string[] | undefined;
}

export const limitKinds = ['clicks', 'people', 'conversions'] as const;
export type LimitKind = (typeof limitKinds)[number];

export interface LinkLimit {
  /** How many are let through. */
  readonly max: number;
  /** Where the others go. @default the domain's page for expired links */
  readonly url?: string | undefined;
}

export type LinkLimits = { readonly [Kind in LimitKind]?: LinkLimit | undefined };

export const variantGoals = ['conversions', 'revenue'] as const;
export type VariantGoal = (typeof variantGoals)[number];

export interface Variant {
  readonly name: string;
  readonly url: string;
  /** Its share is this, divided by the weights of all. */
  readonly weight: number;
}

export interface RouteRule {
  readonly name: string;
  readonly when: readonly RouteCondition[];
  readonly url: string;
}

export const listKinds = [
  'country',
  'region',
  'city',
  'device',
  'system',
  'browser',
  'language',
  'referrer',
  'address',
] as const;
export type ListKind = (typeof listKinds)[number];

export const conditionKinds = [
  ...listKinds,
  'time',
  'query',
  'visitor',
  'clicks',
  'share',
] as const;

export const visitorStandings = ['new', 'known', 'customer'] as const;
export type VisitorStanding = (typeof visitorStandings)[number];

/** `not` turns a condition around. One on something unknown does not hold either way. */
export type RouteCondition = { readonly not?: boolean | undefined } & (
  | ListCondition
  | TimeCondition
  | { readonly kind: 'query'; readonly name: string; readonly in?: readonly string[] | undefined }
  | { readonly kind: 'visitor'; readonly is: VisitorStanding }
  /** How often the link was followed before. */
  | {
      readonly kind: 'clicks';
      readonly from?: number | undefined;
      readonly below?: number | undefined;
    }
  /** So many in a hundred visitors, always the same ones. */
  | { readonly kind: 'share'; readonly percent: number }
);

export interface ListCondition {
  readonly kind: ListKind;
  /** One of them is enough. Case makes no difference. */
  readonly in: readonly string[];
}

/** All that is given must hold, on the clocks of the zone. */
export interface TimeCondition {
  readonly kind: 'time';
  /** IANA. */
  readonly zone: string;
  /** 1 is Monday, 7 Sunday (ISO 8601). With a window over midnight: the day on which it began. */
  readonly days?: readonly number[] | undefined;
  /** `HH:MM`; a window whose end is not after its begin goes over midnight. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Instants. */
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

export const routingLimits = {
  rulesMax: 50,
  conditionsMax: 10,
  valuesMax: 250,
  valueLengthMax: 200,
  nameLengthMax: 50,
  variantsMax: 8,
  weightMax: 1_000,
  limitMax: 1_000_000_000,
  /** A limit up to here lets through exactly so many. */
  exactMax: 100,
  parametersMax: 50,
} as const;

/** What is counted of variants begins anew where their names, shares or destinations change. */
export function stampVariants(
  routing: LinkRouting | null,
  before: LinkRouting | null,
  now: number,
): LinkRouting | null {
  if (routing === null) return null;
  const rest: LinkRouting = { ...routing };
  delete (rest as { since?: string }).since;
  if (routing.variants === undefined) return rest;
  const isSame =
    before?.since !== undefined &&
    JSON.stringify(canonical(before.variants)) === JSON.stringify(canonical(routing.variants));
  return { ...rest, since: isSame ? before.since : new Date(now).toISOString() };
}

/** The database keeps the fields of an object in an order of its own. */
function canonical(variants: readonly Variant[] | undefined): unknown {
  return variants?.map(({ name, url, weight }) => [name, url, weight]);
}

/** The kinds whose limit is exact in one and was not in the other: they begin with what is counted by now. */
export function newExactLimits(
  routing: LinkRouting | null,
  before: LinkRouting | null,
): ReadonlyArray<'clicks' | 'people'> {
  const isExact = (limits: LinkLimits | undefined, kind: LimitKind): boolean =>
    (limits?.[kind]?.max ?? Infinity) <= routingLimits.exactMax;
  return (['clicks', 'people'] as const).filter(
    (kind) => isExact(routing?.limits, kind) && !isExact(before?.limits, kind),
  );
}
