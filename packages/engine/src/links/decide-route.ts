import type { RedirectLink } from './redirect-link.ts';
import type { Captures } from './link-pattern.ts';
import type { LimitKind, RouteCondition } from './link-routing.ts';
import type { PreparedCondition, RouteFacts } from './route-condition.ts';
import type { PreparedLimit, Steering, Target } from './steering.ts';
import { pickVariant } from './visitor-share.ts';

/** What is asked about a request beside the facts that conditions are about. */
export interface RouteRequest extends RouteFacts {
  readonly userAgent: string | undefined;
  readonly captures: Captures | undefined;
  /** Whether the password was right, or nobody has to be asked for it. */
  readonly isUnlocked: boolean;
  /** How many of each limit are used. `undefined`: not known, or counted when a seat is taken. */
  readonly used: { readonly [Kind in LimitKind]?: number | undefined };
  /** Whether this person has followed the link before, so that no limit of people stops them. */
  readonly hasSeat?: boolean | undefined;
}

export type RouteDecision =
  | { readonly outcome: 'inactive' | 'expired'; readonly target: Target | undefined }
  | { readonly outcome: 'password' }
  | {
      readonly outcome: 'destination';
      readonly target: Target;
      readonly rule?: string;
      readonly variant?: string;
    };

/** One thing that was looked at, and whether it decided. */
export interface RouteStep {
  readonly step:
    | 'start'
    | 'expiry'
    | 'password'
    | 'limit'
    | 'rule'
    | 'country'
    | 'system'
    | 'variants'
    | 'destination';
  /** Of the rule, the variant or the limit. */
  readonly name?: string;
  readonly decided: boolean;
  readonly why: string;
  readonly conditions?: readonly ConditionStep[];
}

export interface ConditionStep {
  readonly condition: RouteCondition;
  /** `null`: what it asks for is not known of the request. */
  readonly held: boolean | null;
  readonly saw: string | null;
}

type Note = (step: RouteStep) => void;

/**
 * Where a request goes, for the redirect and for the simulator alike. It only looks: whoever lets somebody through an
 * exact limit takes a seat afterwards.
 * @param note is told of each step; a redirect goes without
 */
export function decideRoute(
  link: RedirectLink,
  steering: Steering,
  request: RouteRequest,
  note?: Note,
): RouteDecision {
  const { now } = request;
  if (steering.startsAt !== undefined) {
    const decided = now < steering.startsAt;
    const at = new Date(steering.startsAt).toISOString();
    note?.({
      step: 'start',
      decided,
      why: `The link ${decided ? 'starts' : 'has started'} at ${at}.`,
    });
    if (decided) return { outcome: 'inactive', target: steering.beforeStart };
  }
  if (link.expiresAt !== null) {
    const decided = now >= link.expiresAt;
    const at = new Date(link.expiresAt).toISOString();
    note?.({
      step: 'expiry',
      decided,
      why: `The link ${decided ? 'expired' : 'expires'} at ${at}.`,
    });
    if (decided) return { outcome: 'expired', target: steering.afterExpiry };
  }
  if (steering.passwordHash !== undefined) {
    const decided = !request.isUnlocked;
    const why = decided ? 'The password is asked for.' : 'The password is known.';
    note?.({ step: 'password', decided, why });
    if (decided) return { outcome: 'password' };
  }
  for (const limit of steering.limits) {
    const decided = isUsedUp(limit, request);
    note?.({ step: 'limit', name: limit.kind, decided, why: describeLimit(limit, request) });
    if (decided) return { outcome: 'expired', target: limit.target };
  }
  for (const rule of steering.rules) {
    const decided = rule.conditions.every((condition) => condition.holds(request) === true);
    note?.({
      step: 'rule',
      name: rule.name,
      decided,
      why: decided ? 'All of its conditions hold.' : describeFailure(rule.conditions, request),
      conditions: rule.conditions.map((condition) => describeCondition(condition, request)),
    });
    if (decided) return { outcome: 'destination', target: rule.target, rule: rule.name };
  }
  return byTargeting(link, request, note) ?? byDefault(link, steering, request, note);
}

function isUsedUp({ kind, max }: PreparedLimit, { used, hasSeat }: RouteRequest): boolean {
  if (kind === 'people' && hasSeat === true) return false;
  const count = used[kind];
  return count !== undefined && count >= max;
}

function describeLimit(limit: PreparedLimit, request: RouteRequest): string {
  const used = request.used[limit.kind];
  if (limit.kind === 'people' && request.hasSeat === true) return 'This person is one of them.';
  return used === undefined
    ? `${limit.max} are let through.`
    : `${used} of ${limit.max} ${limit.kind} are used.`;
}

/** The country first, as in GoodAnalytics, then the system. */
function byTargeting(
  link: RedirectLink,
  { place, userAgent = '' }: RouteRequest,
  note?: Note,
): RouteDecision | undefined {
  if (link.geoDestinations !== undefined) {
    const country = place?.countryCode;
    const destination = country === undefined ? undefined : link.geoDestinations.get(country);
    const decided = destination !== undefined;
    const why = decided
      ? `There is a destination for ${country}.`
      : `There is none for ${country ?? 'an unknown country'}.`;
    note?.({ step: 'country', decided, why });
    if (decided && country !== undefined)
      return toDestination({ url: link.geoTargeting[country] ?? '', destination });
  }
  for (const [name, url, destination, holds] of [
    ['iOS', link.iosUrl, link.iosDestination, /iPhone|iPad|iPod/.test(userAgent)],
    ['Android', link.androidUrl, link.androidDestination, userAgent.includes('Android')],
  ] as const) {
    if (destination === undefined || url === null) continue;
    note?.({
      step: 'system',
      name,
      decided: holds,
      why: `The request is ${holds ? '' : 'not '}from ${name}.`,
    });
    if (holds) return toDestination({ url, destination });
  }
  return undefined;
}

function byDefault(
  link: RedirectLink,
  { variants }: Steering,
  { visitor }: RouteRequest,
  note?: Note,
): RouteDecision {
  // Whoever cannot be told from others is shown what all of them are.
  const variant = pickVariant(variants, visitor ?? '', link.id);
  if (variant !== undefined) {
    const sum = variants.reduce((weights, { weight }) => weights + weight, 0);
    note?.({
      step: 'variants',
      name: variant.name,
      decided: true,
      why: `This visitor is one of the ${((100 * variant.weight) / sum).toFixed(1)} % who always get it.`,
    });
    return { outcome: 'destination', target: variant.target, variant: variant.name };
  }
  note?.({ step: 'destination', decided: true, why: 'Nothing else decided.' });
  return toDestination({ url: link.url, destination: link.destination });
}

function toDestination(target: Target): RouteDecision {
  return { outcome: 'destination', target };
}

function describeCondition(
  { condition, holds, saw }: PreparedCondition,
  request: RouteRequest,
): ConditionStep {
  return { condition, held: holds(request) ?? null, saw: saw(request) ?? null };
}

function describeFailure(conditions: readonly PreparedCondition[], request: RouteRequest): string {
  const failed = conditions.find((condition) => condition.holds(request) !== true);
  if (failed === undefined) return '';
  const { kind, not } = failed.condition;
  const saw = failed.saw(request) ?? 'unknown';
  return `Its condition on ${kind} does not hold: the request's is ${saw}${not === true ? ', and it is turned around by not' : ''}.`;
}
