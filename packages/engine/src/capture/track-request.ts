import type { Context } from '../context.ts';
import type { TrackEventInput } from '../ingest/track-event.ts';
import { within } from '../kernel/within.ts';
import { keepsClickCookie, visitorCookie } from '../privacy/privacy-rules.ts';
import { captureSignals, readAdCookies } from '../sources/click-ids.ts';
import { classifySource } from '../sources/classify.ts';
import type { Source } from '../sources/source.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { readClickId } from './beacon-event.ts';
import { allowsAds, allowsRecognition, withSignal } from './consent.ts';
import { createCookies } from './cookies.ts';
import type { IncomingRequest, OutgoingResponse } from './exchange.ts';
import { createVisitorToken } from './visitor-token.ts';

/** What a page view says about who came, and from where. */
export interface Tracking {
  readonly source: Source;
  /** The visitor cookie, made now where there was none; absent for machines and who may not be recognised. */
  readonly anonymousId: string | undefined;
  /** The click of ours that led here: the address's, else that of the cookie. */
  readonly clickId: string | undefined;
  /** The same as `hw.events.track` and `hw.visitors.resolve` take it. */
  readonly signals: TrackingSignals;
  /** For the answer: cookies, and the policy that lets the next page know this one. Several `set-cookie`. */
  readonly headers: OutgoingResponse['headers'];
}

export type TrackingSignals = Pick<
  TrackEventInput,
  'anonymousId' | 'clickId' | 'identifiers' | 'url' | 'referrer' | 'signals' | 'userAgent'
>;

/** Reads a page view; `undefined` for what is none: other methods, assets. Writes nothing, and never throws. */
export type TrackRequest = (
  request: IncomingRequest,
  workspaceId?: string,
) => Promise<Tracking | undefined>;

const assetPath = /^\/(?:assets|images|fonts)\/|\.(?:js|css|ico|png|jpg|svg|woff2)$/;
const workspaceMilliseconds = 50;
const userAgentLengthMax = 512;
const urlLengthMax = 2_048;
const fingerprintLengthMax = 128;

export function createTrackRequest(
  context: Pick<Context, 'options' | 'workspaces' | 'devices'>,
): TrackRequest {
  const cookies = createCookies(context.options.cookies);

  return async function trackRequest(request, workspaceId) {
    const path = request.target.split('?', 1)[0]!;
    if (request.method !== 'GET' || assetPath.test(path)) return undefined;
    const url = `${request.scheme}://${request.host}${request.target}`;
    const referrer = request.header('referer');
    const userAgent = request.header('user-agent');
    const workspace = await findWorkspace(workspaceId);
    const source = classifySource({
      url,
      referrer,
      userAgent,
      ownHosts: workspace === undefined ? new Set() : context.workspaces.ownHosts(workspace),
      landing: true,
      rules: workspace?.settings.sourceRules,
    });

    const settings = workspace?.settings ?? {};
    const consent = withSignal(undefined, request.header('sec-gpc') === '1');
    const cookie = request.header('cookie');
    const isMachine = context.devices.read((name) => request.header(name)).machine !== undefined;
    // What the device may not be recognised by is neither made nor read.
    const isRecognised =
      !isMachine && !cookies.isOptedOut(cookie) && allowsRecognition(settings, consent);
    const sent = cookies.readVisitor(cookie);
    const anonymousId = isRecognised ? (sent ?? createVisitorToken()) : undefined;
    const rule = visitorCookie(settings);
    const isSet = rule !== undefined && (rule.renewed || anonymousId !== sent);
    const landed = readClickId(url);
    const secure = request.scheme === 'https';
    const adSignals = allowsAds(settings, consent)
      ? captureSignals(url, readAdCookies(cookie))
      : undefined;
    const fingerprint = new URLSearchParams(request.target.slice(path.length)).get('fp')?.trim();
    return {
      source,
      anonymousId,
      clickId: landed ?? (isRecognised ? cookies.readClick(cookie) : undefined),
      signals: {
        url: url.slice(0, urlLengthMax),
        ...(anonymousId !== undefined && { anonymousId }),
        // An old click's cookie is no new arrival.
        ...(landed !== undefined && { clickId: landed }),
        ...(referrer !== undefined && { referrer: referrer.slice(0, urlLengthMax) }),
        ...(userAgent !== undefined && { userAgent: userAgent.slice(0, userAgentLengthMax) }),
        ...(adSignals !== undefined && { signals: adSignals }),
        ...(isRecognised &&
          fingerprint !== undefined &&
          fingerprint !== '' &&
          fingerprint.length <= fingerprintLengthMax && {
            identifiers: [{ kind: 'fingerprint', value: fingerprint }],
          }),
      },
      headers: [
        ['referrer-policy', 'no-referrer-when-downgrade'],
        ...(anonymousId !== undefined && isSet
          ? [cookies.setVisitor(anonymousId, secure, rule.days)]
          : []),
        // Its 90 days count from the click: it is not set again by the pages after the landing.
        ...(landed !== undefined && isRecognised && keepsClickCookie(settings)
          ? [cookies.setClick(landed, secure)]
          : []),
      ],
    };
  };

  /** Only for its own hosts: a page does not wait for a database that is away. */
  async function findWorkspace(id: string | undefined): Promise<Workspace | undefined> {
    const { workspaces } = context;
    const known = workspaces.remembered(id);
    if (known !== undefined) return known;
    const asked = id === undefined ? workspaces.first() : workspaces.get(id);
    return within(asked, workspaceMilliseconds).catch(() => undefined);
  }
}
