import type { Context } from '../context.ts';
import type { Identifier } from '../ingest/event.ts';
import { keepsClickCookie, visitorCookie } from '../privacy/privacy-rules.ts';
import { isBlocked } from '../visitors/normalise-identifier.ts';
import { addressPrefix } from './address-prefix.ts';
import type { BeaconAccess } from './beacon-access.ts';
import type { BeaconRequest } from './beacon-event.ts';
import { allowsRecognition, withSignal } from './consent.ts';
import type { Consent } from './consent.ts';
import { readAdCookies } from '../sources/click-ids.ts';
import { createCookies } from './cookies.ts';
import type { DailySalts } from './daily-salt.ts';
import { dailyVisitor } from './daily-visitor.ts';
import type { IncomingRequest, OutgoingResponse } from './exchange.ts';
import { anonymousToken, createVisitorToken } from './visitor-token.ts';

const userAgentCharactersMax = 512;

export interface BeaconVisitors {
  read(request: IncomingRequest, access: BeaconAccess, receivedAt: number): Promise<BeaconVisit>;
}

/** Who sends a request, and the cookies of its answer. */
export interface BeaconVisit {
  readonly request: BeaconRequest;
  /**
   * The device: by its cookie, else by what the page calls it, else a new one. Where it may not be recognised, who it is
   * for this day. Absent for machines.
   */
  identifierFor(sent: {
    readonly anonymousId: string | undefined;
    readonly consent: Consent;
  }): Promise<Identifier | undefined>;
  /**
   * Somebody new in place of a visitor who was erased, the same for everything in the request; `undefined` where nobody
   * may be recognised.
   */
  successorOf(erased: Identifier): Promise<Identifier | undefined>;
  /** What a page that keeps an id of its own does with it from now on. */
  told(answer: { readonly rotate: boolean }): ToldVisitor;
  /** The same visitor in every answer; another one where the device has changed hands. */
  cookies(answer: {
    readonly rotate: boolean;
    readonly clickId: string | undefined;
    /** Nothing was recorded: nobody new is given a cookie for that. */
    readonly isNobody?: boolean;
  }): OutgoingResponse['headers'];
}

export interface ToldVisitor {
  /** The device is somebody else from now on: another id is made. */
  readonly rotate?: true;
  /** The id to go on with, where the server has made it already. */
  readonly anonymous_id?: string;
  /** Nobody of this request may be recognised by the device: the id is dropped. */
  readonly cookieless?: true;
}

export function createBeaconVisitors(
  context: Pick<Context, 'options' | 'devices' | 'places'>,
  salts: DailySalts,
): BeaconVisitors {
  const cookies = createCookies(context.options.cookies);

  return {
    async read(request, access, receivedAt) {
      const userAgent = request.header('user-agent');
      const device = context.devices.read((name) => request.header(name));
      const found = context.places.of(request);
      const place = found instanceof Promise ? await found : found;
      const ipPrefix = addressPrefix(request.remoteAddress);
      const gpc = request.header('sec-gpc') === '1';
      const { workspace } = access;
      const known = cookies.readVisitor(request.header('cookie'));
      let token: string | undefined;
      let successor: string | undefined;
      let cookieless = false;
      return {
        request: {
          receivedAt,
          userAgent: userAgent?.slice(0, userAgentCharactersMax),
          ipPrefix,
          device,
          place,
          gpc,
          // Towards another site they are those of our host, not of the page's.
          adCookies: access.crossSite ? undefined : readAdCookies(request.header('cookie')),
        },
        async identifierFor({ anonymousId, consent }) {
          if (device.machine !== undefined) return undefined;
          if (!allowsRecognition(workspace.settings, withSignal(consent, gpc))) {
            cookieless = true;
            const salt = await salts.of(workspace.id, receivedAt);
            return dailyVisitor(salt, { host: request.host, ipPrefix, userAgent });
          }
          const named =
            anonymousId === undefined || isBlocked(anonymousId) ? undefined : anonymousId;
          const value =
            known ?? (named === undefined ? undefined : anonymousToken(workspace, named));
          if (value === undefined)
            return { kind: 'visitor', value: (token ??= createVisitorToken()) };
          token ??= value;
          return { kind: 'visitor', value };
        },
        successorOf({ kind }) {
          if (kind !== 'visitor') return Promise.resolve(undefined);
          return Promise.resolve({ kind, value: (successor ??= createVisitorToken()) });
        },
        told: ({ rotate }) => ({
          ...((rotate || successor !== undefined) && { rotate: true as const }),
          // On its own site the id is a cookie's, which is no business of scripts.
          ...(successor !== undefined && access.crossSite && { anonymous_id: successor }),
          ...(cookieless && token === undefined && { cookieless: true as const }),
        }),
        cookies({ rotate, clickId, isNobody = false }) {
          // Towards another site the page keeps its own id: it would not get these cookies back.
          if (access.crossSite || token === undefined) return [];
          if (isNobody && successor === undefined) return [];
          const secure = request.scheme === 'https';
          const value = successor ?? (rotate ? createVisitorToken() : token);
          const cookie = visitorCookie(access.workspace.settings);
          const isSet = cookie !== undefined && (cookie.renewed || value !== known);
          return [
            ...(isSet ? [cookies.setVisitor(value, secure, cookie.days)] : []),
            ...(clickId !== undefined && keepsClickCookie(access.workspace.settings)
              ? [cookies.setClick(clickId, secure)]
              : []),
          ];
        },
      };
    },
  };
}
