import type { Context } from '../context.ts';
import type { DeviceDescription } from '../devices/device.ts';
import type { Identifier, IncomingEvent } from '../ingest/event.ts';
import { withoutToken } from '../invitations/invitation-url.ts';
import { within } from '../kernel/within.ts';
import type { LinkCache } from '../links/link-cache.ts';
import type { LinkDomains } from '../links/link-domains.ts';
import { isKey, isReservedKey } from '../links/link-key.ts';
import type { Captures } from '../links/link-pattern.ts';
import type { LinkUses } from '../links/link-uses.ts';
import type { PathLinks } from '../links/path-links.ts';
import type { RedirectLink } from '../links/redirect-link.ts';
import type { Steering } from '../links/steering.ts';
import type { Place } from '../places/place.ts';
import { keepsClickCookie, visitorCookie } from '../privacy/privacy-rules.ts';
import {
  captureSignals,
  isClickIdParameter,
  readAdCookies,
  withoutClickIds,
} from '../sources/click-ids.ts';
import { partnerCookie } from '../referrals/landing-cookie.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { networkOf } from './beacon-access.ts';
import { limitedResponse } from './beacon-answer.ts';
import { addressPrefix } from './address-prefix.ts';
import { createClickClassifier } from './classify-click.ts';
import { allowsAds, allowsRecognition } from './consent.ts';
import type { Consent } from './consent.ts';
import { createCookies } from './cookies.ts';
import type { DailySalts } from './daily-salt.ts';
import { dailyVisitor } from './daily-visitor.ts';
import { buildLocation } from './destination.ts';
import type { Destination } from './destination.ts';
import type { IncomingRequest, OutgoingResponse } from './exchange.ts';
import { isPrefetch, isScan } from './link-request.ts';
import { answerWithPage } from './link-answers.ts';
import { createLookUpLink, createLookUpPath, unavailable } from './look-up-link.ts';
import { ownDigest } from './own-digest.ts';
import type { ClickRecorder } from './record-click.ts';
import { createSteer } from './steer.ts';
import type { Way } from './steer.ts';
import { submitAnew } from './submit-anew.ts';
import { createVisitorToken } from './visitor-token.ts';

/** Answers `GET /{key}` on link domains; `undefined` for requests that are not for a short link. */
export type Redirect = (request: IncomingRequest) => Promise<OutgoingResponse | undefined>;

export interface RedirectDependencies {
  readonly linkCache: LinkCache;
  readonly recorder: ClickRecorder;
  readonly salts: DailySalts;
  readonly domains: LinkDomains;
  readonly pathLinks: PathLinks;
  readonly uses: LinkUses;
}

const userAgentLengthMax = 512;
const urlLengthMax = 2_048;
const saltPatience = 50;
const pathLengthMax = 1_024;

/** One following of a short link, before anything is decided about it. */
interface Visit {
  readonly request: IncomingRequest;
  readonly query: string;
  readonly userAgent: string | undefined;
  readonly device: DeviceDescription;
  readonly place: Place | undefined;
  readonly consent: Consent;
  readonly now: number;
}

/** A click that is still being described: every field once, and no copies of it. */
type Draft = { -readonly [Key in keyof IncomingEvent]: IncomingEvent[Key] };

/** Of a link that is not plain, whom it was decided for. */
type SteeredWay = Way & { readonly visitor: Identifier | undefined };

export function createRedirect(context: Context, dependencies: RedirectDependencies): Redirect {
  const { linkCache, recorder, salts, domains, pathLinks, uses } = dependencies;
  const { devices, places } = context;
  const lookUp = createLookUpLink(context, linkCache);
  const lookUpPath = createLookUpPath(context, pathLinks);
  const steer = createSteer(context, { domains, uses });
  const basePath = context.options.basePath ?? '/hw';
  const cookies = createCookies(context.options.cookies);
  const classify = createClickClassifier();

  return async function redirect(request) {
    const isPost = request.method === 'POST';
    if (request.method !== 'GET' && request.method !== 'HEAD' && !isPost) return undefined;
    const { target } = request;
    const question = target.indexOf('?');
    const key = question === -1 ? target.slice(1) : target.slice(1, question);
    const answer = isKey(key)
      ? isReservedKey(key, basePath)
        ? undefined
        : lookUp(request.host, key)
      : lookUpBelow(request.host, key);
    const lookup = answer instanceof Promise ? await answer : answer;
    if (lookup === undefined) return undefined;
    // Nothing is posted to a link but its password.
    if (isPost && (lookup === 'unavailable' || lookup.link?.passwordHash == null)) return undefined;
    if (lookup === 'unavailable') return unavailable;
    const { workspace, link } = lookup;
    if (link === undefined) {
      const limited = context.limiter.take('unknownLinks', networkOf(request));
      return limited === undefined
        ? answerWithPage(domains, 'missing', workspace?.id, request.host)
        : limitedResponse(limited, []);
    }
    if (link.isPaused === true)
      return answerWithPage(domains, 'missing', workspace?.id, request.host);
    const now = context.clock.now();
    const { steering } = link;
    if (steering === undefined && link.expiresAt !== null && now >= link.expiresAt)
      return answerWithPage(domains, 'expired', link.workspaceId, request.host);

    const place = places.of(request);
    const visit: Visit = {
      request,
      query: question === -1 ? '' : target.slice(question + 1),
      userAgent: request.header('user-agent'),
      device: devices.read((name) => request.header(name)),
      place: place instanceof Promise ? await place : place,
      consent: request.header('sec-gpc') === '1' ? { gpc: true } : undefined,
      now,
    };
    // What is remembered of the workspace is good enough while nobody can be asked.
    const known = workspace ?? context.workspaces.remembered(link.workspaceId);
    if (steering === undefined) return follow(visit, link, known, destinationFor(link, visit));
    return followSteered(visit, link, known, steering, lookup.captures);
  };

  /** A path of several segments: below the base path it is ours, and below no link it may be a page of the host. */
  async function lookUpBelow(host: string, path: string): Promise<ReturnType<typeof lookUpPath>> {
    const slash = path.indexOf('/');
    const head = path.slice(0, slash);
    if (slash < 1 || path.length > pathLengthMax || !isKey(head) || isReservedKey(head, basePath))
      return undefined;
    return lookUpPath(host, path);
  }

  async function followSteered(
    visit: Visit,
    link: RedirectLink,
    workspace: Workspace | undefined,
    steering: Steering,
    captures: Captures | undefined,
  ): Promise<OutgoingResponse> {
    const { request, device } = visit;
    const cookie = request.header('cookie');
    const isOptedOut = cookies.isOptedOut(cookie);
    const onlyLooks = request.method === 'HEAD' || device.machine !== undefined;
    let visitor: Identifier | undefined;
    let isKnown = false;
    if (!onlyLooks && !isOptedOut) {
      if (allowsRecognition(workspace?.settings ?? {}, visit.consent)) {
        const sent = cookies.readVisitor(cookie);
        isKnown = sent !== undefined;
        visitor = { kind: 'visitor', value: sent ?? createVisitorToken() };
      } else {
        visitor = await identifyForToday(visit, link.workspaceId);
        isKnown = visitor !== undefined;
      }
    }
    const way = await steer({
      ...visit,
      link,
      steering,
      captures,
      workspace,
      visitor,
      isKnown,
      onlyLooks,
    });
    return 'answer' in way
      ? way.answer
      : follow(visit, link, workspace, way.destination, { ...way, visitor });
  }

  function follow(
    visit: Visit,
    link: RedirectLink,
    known: Workspace | undefined,
    destination: Destination,
    way?: SteeredWay,
  ): Promise<OutgoingResponse> {
    const { request } = visit;
    const query = way === undefined ? visit.query : way.query;
    const { machine } = visit.device;
    // A click id that machines carry away would name the arrival of whoever they show the destination to.
    if (request.method === 'HEAD' || cookies.isOptedOut(request.header('cookie')))
      return Promise.resolve(
        way?.card ??
          found(buildLocation(destination, query, undefined, isClickIdParameter), [], way),
      );
    return machine === undefined
      ? followAsPerson(visit, link, known, destination, way)
      : followAsMachine(visit, machine.name, link, known, destination, way);
  }

  async function followAsMachine(
    visit: Visit,
    machine: string,
    link: RedirectLink,
    workspace: Workspace | undefined,
    destination: Destination,
    way: SteeredWay | undefined,
  ): Promise<OutgoingResponse> {
    const event = describe(visit, link, allowsAds(workspace?.settings ?? {}, visit.consent), way);
    event.machine = machine;
    const runHooks = context.hooks.forRedirect(event);
    await recorder.record(event);
    if (way?.card !== undefined) return way.card;
    const query = way === undefined ? visit.query : way.query;
    return found(
      buildLocation(destination, query, undefined, isClickIdParameter),
      (await runHooks?.(visit.request.scheme === 'https')) ?? [],
      way,
    );
  }

  async function followAsPerson(
    visit: Visit,
    link: RedirectLink,
    workspace: Workspace | undefined,
    destination: Destination,
    way: SteeredWay | undefined,
  ): Promise<OutgoingResponse> {
    const { request, query } = visit;
    const settings = workspace?.settings ?? {};
    const ads = allowsAds(settings, visit.consent);
    // What the device may not be recognised by is not made either.
    const sent = cookies.readVisitor(request.header('cookie'));
    let token = allowsRecognition(settings, visit.consent)
      ? (sent ?? tokenOf(way) ?? createVisitorToken())
      : undefined;
    const url = `${request.scheme}://${request.host}${request.target}`;
    const adCookies = ads ? readAdCookies(request.header('cookie')) : undefined;
    const signals =
      !ads || (query === '' && adCookies === undefined)
        ? undefined
        : captureSignals(url, adCookies);
    const identifier =
      token === undefined
        ? (way?.visitor ?? (await identifyForToday(visit, link.workspaceId)))
        : { kind: 'visitor', value: token };
    const event = describe(visit, link, ads, way);
    event.createsVisitor = true;
    if (identifier !== undefined) event.identifiers = [identifier];
    const source = classify(link, {
      url,
      hasQuery: query !== '',
      referrer: request.header('referer'),
      userAgent: visit.userAgent,
      ownHosts:
        workspace === undefined ? new Set([request.host]) : context.workspaces.ownHosts(workspace),
      rules: settings.sourceRules,
    });
    event.arrival = signals === undefined ? { source } : { source, signals };

    const runHooks = context.hooks.forRedirect(event);
    if (isPrefetch(request)) {
      await recorder.hold(event);
    } else {
      const outcome = await submitAnew(
        event,
        (click) => recorder.record(click),
        (erased) => {
          if (erased.kind !== 'visitor') return Promise.resolve(undefined);
          token = createVisitorToken();
          return Promise.resolve({ kind: 'visitor', value: token });
        },
      );
      if (
        token !== undefined &&
        outcome !== undefined &&
        outcome.outcome !== 'rejected' &&
        outcome.identity.rotate === true
      ) {
        token = createVisitorToken();
      }
    }
    const secure = request.scheme === 'https';
    const cookie = visitorCookie(settings);
    const isSet = cookie !== undefined && (cookie.renewed || token !== sent);
    const passed = way === undefined ? query : way.query;
    return found(
      buildLocation(destination, passed, event.id, isClickIdParameter),
      [
        ...(token !== undefined && isSet ? [cookies.setVisitor(token, secure, cookie.days)] : []),
        ...(token !== undefined && keepsClickCookie(settings)
          ? [cookies.setClick(event.id, secure)]
          : []),
        ...(token !== undefined && cookie !== undefined && workspace !== undefined
          ? partnerCookie(context, workspace, { link, clickId: event.id, request, now: visit.now })
          : []),
        ...((await runHooks?.(secure)) ?? []),
      ],
      way,
    );
  }

  /** A redirect does not wait for the salt of the day: without it the click is somebody's whom nobody knows. */
  async function identifyForToday(
    { request, userAgent, now }: Visit,
    workspaceId: string,
  ): Promise<Identifier | undefined> {
    try {
      const salt = await within(salts.of(workspaceId, now), saltPatience);
      const ipPrefix = addressPrefix(request.remoteAddress);
      return dailyVisitor(salt, { host: request.host, ipPrefix, userAgent });
    } catch {
      return undefined;
    }
  }

  /** What a click is, whoever follows it. Its id is made before the first attempt to write it. */
  function describe(
    { request, query, userAgent, device, place, consent, now }: Visit,
    link: RedirectLink,
    ads: boolean,
    way: SteeredWay | undefined,
  ): Draft {
    const id = context.createId(now);
    const ipPrefix = addressPrefix(request.remoteAddress);
    const kept = (address: string): string =>
      withoutToken(ads ? address : withoutClickIds(address));
    const url = kept(`${request.scheme}://${request.host}${request.target}`);
    const referer = request.header('referer');
    const referrer = referer === undefined ? undefined : kept(referer);
    const event: Draft = {
      workspaceId: link.workspaceId,
      id,
      key: id,
      digest: ownDigest,
      type: 'link_click',
      occurredAt: now,
      origin: 'redirect',
      createsVisitor: false,
      identifiers: [],
      linkId: link.id,
      url: url.length > urlLengthMax ? url.slice(0, urlLengthMax) : url,
      device,
    };
    if (link.linkType === 'referral' && link.partnerId !== null) event.isReferral = true;
    if (referrer !== undefined) event.referrer = referrer.slice(0, urlLengthMax);
    if (userAgent !== undefined) event.userAgent = userAgent.slice(0, userAgentLengthMax);
    if (ipPrefix !== undefined) event.ipPrefix = ipPrefix;
    if (place !== undefined) event.place = place;
    const properties = propertiesOf(query, way);
    if (properties !== undefined) event.properties = properties;
    if (consent !== undefined) event.consent = consent;
    return event;
  }
}

/** The country first, as in GoodAnalytics, then the device. */
function destinationFor(link: RedirectLink, { place, userAgent }: Visit): Destination {
  const local = place && link.geoDestinations?.get(place.countryCode);
  if (local !== undefined) return local;
  if (userAgent === undefined) return link.destination;
  if (link.iosDestination !== undefined && /iPhone|iPad|iPod/.test(userAgent))
    return link.iosDestination;
  if (link.androidDestination !== undefined && userAgent.includes('Android'))
    return link.androidDestination;
  return link.destination;
}

function tokenOf(way: SteeredWay | undefined): string | undefined {
  return way?.visitor?.kind === 'visitor' ? way.visitor.value : undefined;
}

function propertiesOf(query: string, way: SteeredWay | undefined): IncomingEvent['properties'] {
  if (way === undefined) return isScan(query) ? { qr: true } : undefined;
  const properties = { ...(isScan(query) && { qr: true }), ...way.properties };
  return Object.keys(properties).length === 0 ? undefined : properties;
}

function found(
  location: string,
  cookies: OutgoingResponse['headers'],
  way?: SteeredWay,
): OutgoingResponse {
  return {
    status: way?.status ?? 302,
    headers: [
      ['location', location],
      // Each click has to reach us; a shared cache would also hand one visitor's cookies to the next.
      ['cache-control', 'private, no-store'],
      // The destination learns the site that the link stood on, not the page.
      ['referrer-policy', 'strict-origin-when-cross-origin'],
      ...cookies,
    ],
  };
}
