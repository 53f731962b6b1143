import type { Context } from '../context.ts';
import type { DeviceDescription } from '../devices/device.ts';
import { digestOf } from '../ingest/event-key.ts';
import type { Identifier, IncomingEvent } from '../ingest/event.ts';
import { withoutToken } from '../invitations/invitation-url.ts';
import { day, second } from '../kernel/clock.ts';
import type { Place } from '../places/place.ts';
import { captureSignals, withoutClickIds } from '../sources/click-ids.ts';
import { classifySource } from '../sources/classify.ts';
import type { ClickedLink } from '../sources/arrival.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { allowsAds, allowsRecognition, withSignal } from './consent.ts';
import { beaconLimits, cutText } from './beacon-schema.ts';
import type { BeaconEvent } from './beacon-schema.ts';
import { checkBrowserProof } from './browser-proof.ts';

/** Older times by the page's clock are not believed: the event happened when it arrived. */
const beaconAgeMax = 7 * day;
const networkMilliseconds = 2 * second;

/** What the request itself says, for every event in it. */
export interface BeaconRequest {
  readonly receivedAt: number;
  readonly userAgent: string | undefined;
  readonly ipPrefix: string | undefined;
  readonly device: DeviceDescription;
  readonly place: Place | undefined;
  /** The browser asks not to be sold or shared (https://w3c.github.io/gpc/). */
  readonly gpc: boolean;
  /** Cookies of ad platforms that came along, on the page's own site. */
  readonly adCookies: Readonly<Record<string, string>> | undefined;
}

export interface CapturedBeacon {
  readonly event: IncomingEvent;
  readonly clickId: string | undefined;
  /** Fields that say who it was, and count for nothing because nobody proved them. */
  readonly unproven: readonly string[];
}

export function captureBeacon(
  context: Pick<Context, 'createId' | 'workspaces'>,
  workspace: Workspace,
  {
    beacon,
    request,
    visitor,
  }: {
    readonly beacon: BeaconEvent;
    readonly request: BeaconRequest;
    /** Absent for machines, which are nobody. */
    readonly visitor: Identifier | undefined;
  },
): CapturedBeacon {
  const id = context.createId(request.receivedAt);
  const clickId = readClickId(beacon.url);
  const consent = withSignal(beacon.consent, request.gpc);
  const ads = allowsAds(workspace.settings, consent);
  const url = keptUrl(beacon.url === undefined ? undefined : withoutClickId(beacon.url), ads);
  const referrer = keptUrl(beacon.referrer, ads);
  const person = readPerson(workspace, beacon);
  const properties =
    beacon.fingerprint === undefined || !allowsRecognition(workspace.settings, consent)
      ? beacon.properties
      : { ...beacon.properties, fingerprint: beacon.fingerprint };
  // Time spent on a page is no arrival, however late it is reported, makes nobody known and joins nobody.
  const isEngagement = beacon.type === 'engagement';
  const event: IncomingEvent = {
    workspaceId: workspace.id,
    id,
    key: beacon.eventId ?? id,
    // Without what differs from one attempt to the next.
    digest: digestOf({ ...beacon, sentAt: undefined }),
    type: beacon.type,
    occurredAt: occurrenceOf(beacon, request.receivedAt, clickId),
    origin: 'beacon',
    identifiers:
      visitor === undefined ? [] : isEngagement ? [visitor] : [visitor, ...person.identifiers],
    createsVisitor: visitor !== undefined && !isEngagement,
    ...(beacon.name !== undefined && { name: beacon.name }),
    ...(visitor !== undefined &&
      !isEngagement &&
      person.profile !== undefined && { profile: person.profile }),
    ...(visitor !== undefined &&
      !isEngagement && {
        arrival: captureArrival(context, workspace, {
          ...beacon,
          signals: withCookies(beacon.signals, request),
          clickId,
          userAgent: request.userAgent,
          ads,
        }),
      }),
    ...(url !== undefined && { url }),
    ...(referrer !== undefined && { referrer }),
    ...describeSender(request),
    ...(beacon.amountMinor !== undefined && {
      amountMinor: beacon.amountMinor,
      currency: beacon.currency ?? workspace.currency,
    }),
    ...(properties !== undefined && { properties }),
    ...(consent !== undefined && { consent }),
  };
  return { event, clickId, unproven: person.unproven };
}

/** What the page says of its ad cookies, and what came with the request by itself. */
export function withCookies(
  signals: Readonly<Record<string, string>> | undefined,
  { adCookies }: BeaconRequest,
): Readonly<Record<string, string>> | undefined {
  return adCookies === undefined ? signals : { ...adCookies, ...signals };
}

/** What an event keeps of the request that brought it. */
export function describeSender(request: BeaconRequest) {
  const { userAgent, ipPrefix, device, place } = request;
  return {
    device,
    ...(userAgent !== undefined && { userAgent }),
    ...(ipPrefix !== undefined && { ipPrefix }),
    ...(device.machine !== undefined && { machine: device.machine.name }),
    ...(place !== undefined && { place }),
  } satisfies Partial<IncomingEvent>;
}

/** An address as it is kept: cut, and without the ids of ad platforms where those may not be. */
export function keptUrl(url: string | undefined, ads: boolean): string | undefined {
  if (url === undefined) return undefined;
  const shown = withoutToken(url);
  return cutText(ads ? shown : withoutClickIds(shown), beaconLimits.urlCharactersMax);
}

/** Where the page says its visitor came from. */
export function captureArrival(
  context: Pick<Context, 'workspaces'>,
  workspace: Workspace,
  page: {
    readonly url: string | undefined;
    readonly referrer: string | undefined;
    readonly userAgent: string | undefined;
    readonly clickId?: string | undefined;
    readonly signals: Readonly<Record<string, string>> | undefined;
    readonly link?: ClickedLink;
    /** Whether what ad platforms know somebody by may be kept. */
    readonly ads: boolean;
  },
): NonNullable<IncomingEvent['arrival']> {
  const signals = page.ads ? captureSignals(page.url, page.signals) : undefined;
  return {
    source: classifySource({
      url: page.url,
      referrer: page.referrer,
      userAgent: page.userAgent,
      ownHosts: context.workspaces.ownHosts(workspace),
      landing: true,
      rules: workspace.settings.sourceRules,
      ...(page.link !== undefined && { link: page.link }),
    }),
    ...(signals !== undefined && { signals }),
    ...(page.clickId !== undefined && { clickId: page.clickId }),
  };
}

interface CapturedPerson {
  readonly identifiers: readonly Identifier[];
  readonly profile?: IncomingEvent['profile'];
  readonly unproven: readonly string[];
}

/**
 * A page is under its visitor's control, and so is what it says about who that is. What is not proven is not kept, not
 * even as a hash: it would be personal data without a use. Name and metadata describe the visitor and join nobody.
 */
function readPerson(workspace: Workspace, beacon: BeaconEvent): CapturedPerson {
  const trusted = workspace.settings.browserIdentify === 'trusted';
  const proven = trusted ? 'external_id_and_email' : checkBrowserProof(workspace, beacon);
  const identifiers: Identifier[] = [];
  const unproven: string[] = [];
  const claim = (field: string, kind: string, value: string | undefined, counts: boolean): void => {
    if (value === undefined) return;
    if (counts) identifiers.push({ kind, value });
    else unproven.push(field);
  };
  claim('person_external_id', 'external_id', beacon.externalId, proven !== 'none');
  claim('person_email', 'email', beacon.email, proven === 'external_id_and_email');
  claim('person_phone', 'phone', beacon.phone, trusted);
  const profile = {
    ...(beacon.personName !== undefined && { name: beacon.personName }),
    ...(beacon.personMetadata !== undefined && { metadata: beacon.personMetadata }),
  };
  return { identifiers, unproven, ...(Object.keys(profile).length > 0 && { profile }) };
}

/**
 * The page's time, moved by how far its clock is off; the time of arrival where that makes no sense. Small differences
 * are the way through the network: moving by them would change the order of what happened on one page.
 */
function occurrenceOf(
  beacon: BeaconEvent,
  receivedAt: number,
  clickId: string | undefined,
): number {
  if (beacon.occurredAt === undefined) return receivedAt;
  const difference = beacon.sentAt === undefined ? 0 : receivedAt - beacon.sentAt;
  const skew = Math.abs(difference) > networkMilliseconds ? difference : 0;
  const occurredAt = beacon.occurredAt + skew;
  if (occurredAt <= receivedAt - beaconAgeMax || occurredAt > receivedAt) return receivedAt;
  // Nobody lands before the click, which carries its time (UUIDv7, RFC 9562 §5.7).
  const clickedAt =
    clickId?.[14] === '7' ? Number.parseInt(clickId.slice(0, 8) + clickId.slice(9, 13), 16) : 0;
  return clickedAt > occurredAt && clickedAt <= receivedAt ? clickedAt : occurredAt;
}

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const clickParameter = new RegExp(`([?&])(?:hw_click|ga_id)=(${uuid})(?:(&)|(?=#|$))`, 'i');

/** The id of our click in the address of a landing: `hw_click`, or `ga_id` as in GoodAnalytics. */
export function readClickId(url: string | undefined): string | undefined {
  return url === undefined ? undefined : clickParameter.exec(url)?.[2]?.toLowerCase();
}

/** The address as it is kept: the id is used up, and would make every landing a page of its own. */
function withoutClickId(url: string): string {
  return url.replace(clickParameter, (_match, before: string, _id, after: string | undefined) =>
    after === undefined ? '' : before,
  );
}
