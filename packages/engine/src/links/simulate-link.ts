import { buildLocation } from '../capture/destination.ts';
import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField, refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { toPlace } from '../places/place.ts';
import type { Place } from '../places/place.ts';
import { readAddress } from '../places/address.ts';
import { isClickIdParameter } from '../sources/click-ids.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { decideRoute } from './decide-route.ts';
import type { RouteDecision, RouteRequest, RouteStep } from './decide-route.ts';
import { findLinkDomain } from './link-domain-store.ts';
import { matchPattern } from './link-pattern.ts';
import { visitorStandings } from './link-routing.ts';
import type { VisitorStanding } from './link-routing.ts';
import { selectUse } from './link-seat-store.ts';
import { findLink } from './link-store.ts';
import { prepareRedirectLink, toStoredRedirectLink } from './redirect-link.ts';
import type { RedirectLink } from './redirect-link.ts';
import { toRouteFacts } from './route-facts.ts';
import { destinationOf, passedQuery, plainSteering } from './steering.ts';
import type { Steering } from './steering.ts';
import { linkNotFound } from './update-link.ts';

/** A request that somebody imagines. What is left out is not known of it. */
export interface SimulateLinkInput {
  /** What the link is followed by, where its key is a pattern: `docs/intro`. */
  readonly path?: string | undefined;
  /** `utm_source=x&lang=de` */
  readonly query?: string | undefined;
  /** @default now */
  readonly at?: Date | undefined;
  readonly userAgent?: string | undefined;
  /** As a browser sends it: `de-AT,de;q=0.9`. */
  readonly language?: string | undefined;
  /** The address of a page. */
  readonly referrer?: string | undefined;
  readonly ip?: string | undefined;
  /** ISO 3166-1 alpha-2. @default that of `ip`, where there is a database of places */
  readonly country?: string | undefined;
  readonly region?: string | undefined;
  readonly city?: string | undefined;
  /** @default 'new' */
  readonly visitor?: VisitorStanding | undefined;
  /** Who it is, for variants and shares: any text, the same one for the same visitor. */
  readonly visitorKey?: string | undefined;
  /** Whether the right password is given. @default false */
  readonly unlocked?: boolean | undefined;
  /** Instead of what has been counted. */
  readonly clicks?: number | undefined;
  readonly people?: number | undefined;
  readonly conversions?: number | undefined;
}

export interface SimulatedRoute {
  readonly outcome: RouteDecision['outcome'];
  /** Without the id of a click; `null` where a page is shown. */
  readonly location: string | null;
  readonly rule: string | null;
  readonly variant: string | null;
  /** Everything that was looked at, in order. The last one decided. */
  readonly steps: readonly RouteStep[];
}

export type SimulateLinkRefusal =
  | ValidationRefusal
  | (Refusal & { readonly code: 'link_not_found' });

/**
 * Says where a request to a link would go, and why, by the code that the redirect uses. Nothing is counted.
 * @example
 * const route = orThrow(await hw.links.simulate(link.id, { country: 'DE', visitor: 'customer' }));
 */
export async function simulateLink(
  context: Context,
  workspace: Workspace,
  id: string,
  input: SimulateLinkInput = {},
): Promise<Result<SimulatedRoute, SimulateLinkRefusal>> {
  const refusal = checkInput(input);
  if (refusal !== undefined) return refusal;
  const { db } = context.database;
  const row = isUuid(id) ? await findLink(db, workspace.id, id) : undefined;
  if (row === undefined) return linkNotFound();
  const link = prepareRedirectLink(toStoredRedirectLink(row));
  const steering = link.steering ?? plainSteering;
  const captures =
    steering.pattern &&
    matchPattern(steering.pattern, input.path ?? '', link.caseSensitive !== false);
  if (steering.pattern !== undefined && captures === undefined)
    return refuseField('path', `must match the key "${link.key}"`);

  const use = await selectUse(db, workspace.id, link.id);
  const { query = '', visitor: standing = 'new' } = input;
  const headers: Readonly<Record<string, string | undefined>> = {
    'user-agent': input.userAgent,
    'accept-language': input.language,
    referer: input.referrer,
  };
  const header = (name: string): string | undefined => headers[name];
  const steps: RouteStep[] = [];
  const decision = decideRoute(
    link,
    steering,
    {
      ...toRouteFacts({
        header,
        query,
        place: placeOf(context, input),
        device: context.devices.read(header),
        now: input.at?.getTime() ?? context.clock.now(),
        address: input.ip,
        visitor: { value: input.visitorKey ?? '' },
      }),
      standing,
      clicks: input.clicks ?? use.clicks,
      captures,
      isUnlocked: input.unlocked ?? false,
      used: {
        clicks: input.clicks ?? use.seats.clicks ?? use.clicks,
        people: input.people ?? use.seats.people ?? use.people,
        conversions: input.conversions ?? use.conversions,
      },
    },
    (step) => steps.push(step),
  );
  return ok({
    outcome: decision.outcome,
    location: await locationOf(context, { link, steering, captures, query, decision }),
    rule: decision.outcome === 'destination' ? (decision.rule ?? null) : null,
    variant: decision.outcome === 'destination' ? (decision.variant ?? null) : null,
    steps,
  });
}

async function locationOf(
  context: Context,
  {
    link,
    steering,
    captures,
    query,
    decision,
  }: {
    readonly link: RedirectLink;
    readonly steering: Steering;
    readonly captures: RouteRequest['captures'];
    readonly query: string;
    readonly decision: RouteDecision;
  },
): Promise<string | null> {
  const { outcome } = decision;
  if (outcome === 'password') return null;
  if (outcome === 'destination') {
    const destination = destinationOf(decision.target, captures, steering.campaign);
    return buildLocation(destination, passedQuery(query, steering), undefined, isClickIdParameter);
  }
  if (decision.target !== undefined) return destinationOf(decision.target, captures).plain;
  const domain = await findLinkDomain(context.database.db, link.workspaceId, link.domain);
  const page = domain?.[outcome];
  return page !== undefined && 'url' in page ? page.url : null;
}

function placeOf(context: Context, input: SimulateLinkInput): Place | undefined {
  if (input.country === undefined) {
    const located = input.ip === undefined ? undefined : context.places.locate(input.ip);
    return located?.ok === true ? located.value : undefined;
  }
  return toPlace({ countryCode: input.country, region: input.region, city: input.city });
}

function checkInput(input: SimulateLinkInput): ValidationRefusal | undefined {
  const errors: Record<string, string[]> = {};
  const { country, visitor, ip, at } = input;
  if (country !== undefined && toPlace({ countryCode: country }) === undefined)
    errors['country'] = ['must be a two-letter country code (ISO 3166-1)'];
  if (country === undefined && (input.region !== undefined || input.city !== undefined))
    errors['country'] = ['is required with a region or a city'];
  if (visitor !== undefined && !visitorStandings.includes(visitor))
    errors['visitor'] = [`must be one of ${visitorStandings.join(', ')}`];
  if (ip !== undefined && readAddress(ip) === undefined) errors['ip'] = ['must be an IP address'];
  if (at !== undefined && Number.isNaN(at.getTime())) errors['at'] = ['must be a valid date'];
  for (const name of ['clicks', 'people', 'conversions'] as const) {
    const count = input[name];
    if (count !== undefined && !(Number.isSafeInteger(count) && count >= 0))
      errors[name] = ['must be a whole number, 0 or more'];
  }
  return Object.keys(errors).length === 0 ? undefined : refuseFields(errors);
}
