import { LRUCache } from 'lru-cache';

import type { Context } from '../context.ts';
import type { IncomingEvent } from '../ingest/event.ts';
import type { LinkCache } from '../links/link-cache.ts';
import { isKey, isReservedKey } from '../links/link-key.ts';
import type { RedirectLink } from '../links/redirect-link.ts';
import { keepsClickCookie, visitorCookie } from '../privacy/privacy-rules.ts';
import { captureSignals, isClickIdParameter } from '../sources/click-ids.ts';
import { classifySource } from '../sources/classify.ts';
import type { Source } from '../sources/source.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { addressPrefix } from './address-prefix.ts';
import { createCookies } from './cookies.ts';
import { buildLocation } from './destination.ts';
import type { Destination } from './destination.ts';
import type { IncomingRequest, OutgoingResponse } from './exchange.ts';
import { createLookUpLink, expired, notFound, unavailable } from './look-up-link.ts';
import { createMachineDetector } from './machines.ts';
import type { MachineDetector } from './machines.ts';
import type { ClickRecorder } from './record-click.ts';
import { createVisitorToken } from './visitor-token.ts';

/** Answers `GET /{key}` on link domains; `undefined` for requests that are not for a short link. */
export type Redirect = (request: IncomingRequest) => Promise<OutgoingResponse | undefined>;

export interface RedirectDependencies {
  readonly linkCache: LinkCache;
  readonly recorder: ClickRecorder;
  readonly detectMachine?: MachineDetector;
}

const userAgentLengthMax = 512;
const urlLengthMax = 2_048;
const rememberedReferrerLengthMax = 256;

/**
 * The digest of a click that we made ourselves: its key is a fresh id, so that no other body can have it. Clients
 * that repeat the key meet a conflict.
 */
const ownDigest = '0000000000000000';

/** One following of a short link, before anything is decided about it. */
interface Visit {
  readonly request: IncomingRequest;
  readonly query: string;
  readonly userAgent: string | undefined;
  readonly now: number;
}

export function createRedirect(context: Context, dependencies: RedirectDependencies): Redirect {
  const { linkCache, recorder, detectMachine = createMachineDetector() } = dependencies;
  const lookUp = createLookUpLink(context, linkCache);
  const basePath = context.options.basePath ?? '/hw';
  const cookies = createCookies(context.options.cookies);
  const classify = createClassifier();

  return async function redirect(request) {
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
    const { target } = request;
    const question = target.indexOf('?');
    const key = question === -1 ? target.slice(1) : target.slice(1, question);
    if (!isKey(key) || isReservedKey(key, basePath)) return undefined;

    const lookup = await lookUp(request.host, key);
    if (lookup === undefined) return undefined;
    if (lookup === 'unavailable') return unavailable;
    const { workspace, link } = lookup;
    if (link === undefined) return notFound;
    const now = context.clock.now();
    if (link.expiresAt !== null && now >= link.expiresAt) return expired;

    const visit: Visit = {
      request,
      query: question === -1 ? '' : target.slice(question + 1),
      userAgent: request.header('user-agent'),
      now,
    };
    const destination = destinationFor(link, visit.userAgent);
    const machine = detectMachine(visit.userAgent);
    // A click id that machines carry away would name the arrival of whoever they show the destination to.
    if (request.method === 'HEAD')
      return found(buildLocation(destination, visit.query, undefined, isClickIdParameter), []);
    if (machine !== undefined) {
      await recorder.record({
        ...describe(visit, link),
        createsVisitor: false,
        identifiers: [],
        machine,
      });
      return found(buildLocation(destination, visit.query, undefined, isClickIdParameter), []);
    }
    return followAsPerson(visit, link, workspace, destination);
  };

  async function followAsPerson(
    visit: Visit,
    link: RedirectLink,
    workspace: Workspace | undefined,
    destination: Destination,
  ): Promise<OutgoingResponse> {
    const { request, query } = visit;
    const known = cookies.readVisitor(request.header('cookie'));
    let token = known ?? createVisitorToken();
    const url = `${request.scheme}://${request.host}${request.target}`;
    const referrer = request.header('referer');
    const ownHosts =
      workspace === undefined ? new Set([request.host]) : context.workspaces.ownHosts(workspace);
    const signals = query === '' ? undefined : captureSignals(url);
    const event: IncomingEvent = {
      ...describe(visit, link),
      createsVisitor: true,
      identifiers: [{ kind: 'visitor', value: token }],
      arrival: {
        source: classify(link, query === '' ? undefined : url, referrer, ownHosts),
        ...(signals !== undefined && { signals }),
      },
    };

    if (isPrefetch(request)) {
      await recorder.hold(event);
    } else {
      let outcome = await recorder.record(event);
      if (outcome?.outcome === 'rejected' && outcome.code === 'visitor_erased') {
        // Somebody who was erased follows a link: to us that is somebody new.
        token = createVisitorToken();
        outcome = await recorder.record({
          ...event,
          identifiers: [{ kind: 'visitor', value: token }],
        });
      }
      if (
        outcome !== undefined &&
        outcome.outcome !== 'rejected' &&
        outcome.identity.rotate === true
      ) {
        token = createVisitorToken();
      }
    }
    const secure = request.scheme === 'https';
    const cookie = visitorCookie(workspace?.settings);
    const isSet = cookie !== undefined && (cookie.renewed || token !== known);
    return found(buildLocation(destination, query, event.id, isClickIdParameter), [
      ...(isSet ? [cookies.setVisitor(token, secure, cookie.days)] : []),
      ...(keepsClickCookie(workspace?.settings) ? [cookies.setClick(event.id, secure)] : []),
    ]);
  }

  /** What a click is, whoever follows it. Its id is made before the first attempt to write it. */
  function describe(
    { request, query, userAgent, now }: Visit,
    link: RedirectLink,
  ): Omit<IncomingEvent, 'createsVisitor' | 'identifiers'> {
    const id = context.createId(now);
    const referrer = request.header('referer');
    const ipPrefix = addressPrefix(request.remoteAddress);
    const url = `${request.scheme}://${request.host}${request.target}`;
    return {
      workspaceId: link.workspaceId,
      id,
      key: id,
      digest: ownDigest,
      type: 'link_click',
      occurredAt: now,
      origin: 'redirect',
      linkId: link.id,
      url: url.length > urlLengthMax ? url.slice(0, urlLengthMax) : url,
      ...(referrer !== undefined && { referrer: referrer.slice(0, urlLengthMax) }),
      ...(userAgent !== undefined && { userAgent: userAgent.slice(0, userAgentLengthMax) }),
      ...(ipPrefix !== undefined && { ipPrefix }),
      ...(isScan(query) && { properties: { qr: true } }),
      ...(request.header('sec-gpc') === '1' && { consent: { gpc: true } }),
    };
  }
}

type Classify = (
  link: RedirectLink,
  url: string | undefined,
  referrer: string | undefined,
  ownHosts: ReadonlySet<string>,
) => Source;

/**
 * Most clicks on a link come from few places: the source of a plain short link is worked out once for each referrer.
 * What is remembered holds for the link and the own hosts as they were: a change of either makes new objects.
 */
function createClassifier(): Classify {
  const memory = new LRUCache<string, Classified>({ max: 5_000 });
  return (link, url, referrer, ownHosts) => {
    const work = (): Source =>
      classifySource({ url, referrer, link: campaignOf(link), ownHosts, landing: false });
    if (
      url !== undefined ||
      (referrer !== undefined && referrer.length > rememberedReferrerLengthMax)
    ) {
      return work();
    }
    const place = `${link.id} ${referrer ?? ''}`;
    const known = memory.get(place);
    if (known !== undefined && known.link === link && known.ownHosts === ownHosts)
      return known.source;
    const source = work();
    memory.set(place, { link, ownHosts, source });
    return source;
  };
}

interface Classified {
  readonly link: RedirectLink;
  readonly ownHosts: ReadonlySet<string>;
  readonly source: Source;
}

function campaignOf(link: RedirectLink) {
  return {
    ...(link.utmSource !== null && { utmSource: link.utmSource }),
    ...(link.utmMedium !== null && { utmMedium: link.utmMedium }),
    ...(link.utmCampaign !== null && { utmCampaign: link.utmCampaign }),
    ...(link.utmContent !== null && { utmContent: link.utmContent }),
    ...(link.utmTerm !== null && { utmTerm: link.utmTerm }),
    linkType: link.linkType,
  };
}

function destinationFor(link: RedirectLink, userAgent: string | undefined): Destination {
  if (userAgent === undefined) return link.destination;
  if (link.iosDestination !== undefined && /iPhone|iPad|iPod/.test(userAgent))
    return link.iosDestination;
  if (link.androidDestination !== undefined && userAgent.includes('Android'))
    return link.androidDestination;
  return link.destination;
}

/** The browser asks before anybody has followed the link (WICG nav-speculation; older: Safari and Firefox). */
function isPrefetch(request: IncomingRequest): boolean {
  return (
    isPrefetchPurpose(request.header('sec-purpose')) ||
    isPrefetchPurpose(request.header('purpose')) ||
    isPrefetchPurpose(request.header('x-moz')) ||
    isPrefetchPurpose(request.header('x-purpose'))
  );
}

function isPrefetchPurpose(value: string | undefined): boolean {
  return value !== undefined && /prefetch|prerender|preview/i.test(value);
}

/** `qr=1`, exactly: what the QR codes of a link carry. */
function isScan(query: string): boolean {
  return query !== '' && (query === 'qr=1' || query.split('&').includes('qr=1'));
}

function found(location: string, cookies: OutgoingResponse['headers']): OutgoingResponse {
  return {
    status: 302,
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
