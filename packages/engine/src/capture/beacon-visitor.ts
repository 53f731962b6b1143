import type { Context } from '../context.ts';
import type { Identifier } from '../ingest/event.ts';
import { keepsClickCookie, visitorCookie } from '../privacy/privacy-rules.ts';
import { isBlocked } from '../visitors/normalise-identifier.ts';
import { addressPrefix } from './address-prefix.ts';
import type { BeaconAccess } from './beacon-access.ts';
import type { BeaconRequest } from './beacon-event.ts';
import { createCookies } from './cookies.ts';
import type { IncomingRequest, OutgoingResponse } from './exchange.ts';
import { createMachineDetector } from './machines.ts';
import type { MachineDetector } from './machines.ts';
import { anonymousToken, createVisitorToken } from './visitor-token.ts';

const userAgentCharactersMax = 512;

export interface BeaconVisitors {
  read(request: IncomingRequest, access: BeaconAccess, receivedAt: number): BeaconVisit;
}

/** Who sends a request, and the cookies of its answer. */
export interface BeaconVisit {
  readonly request: BeaconRequest;
  /** The device: by its cookie, else by what the page calls it, else a new one. Absent for machines. */
  identifierFor(anonymousId: string | undefined): Identifier | undefined;
  /** The same visitor in every answer; another one where the device has changed hands. */
  cookies(answer: {
    readonly rotate: boolean;
    readonly clickId: string | undefined;
  }): OutgoingResponse['headers'];
}

export function createBeaconVisitors(
  context: Pick<Context, 'options'>,
  detectMachine: MachineDetector = createMachineDetector(),
): BeaconVisitors {
  const cookies = createCookies(context.options.cookies);

  return {
    read(request, access, receivedAt) {
      const userAgent = request.header('user-agent');
      const machine = detectMachine(userAgent);
      const known = cookies.readVisitor(request.header('cookie'));
      let token = known;
      return {
        request: {
          receivedAt,
          userAgent: userAgent?.slice(0, userAgentCharactersMax),
          ipPrefix: addressPrefix(request.remoteAddress),
          machine,
          gpc: request.header('sec-gpc') === '1',
        },
        identifierFor(anonymousId) {
          if (machine !== undefined) return undefined;
          const named =
            anonymousId === undefined || isBlocked(anonymousId) ? undefined : anonymousId;
          const value =
            known ?? (named === undefined ? undefined : anonymousToken(access.workspace, named));
          if (value === undefined)
            return { kind: 'visitor', value: (token ??= createVisitorToken()) };
          token ??= value;
          return { kind: 'visitor', value };
        },
        cookies({ rotate, clickId }) {
          // Towards another site the page keeps its own id: it would not get these cookies back.
          if (access.crossSite || token === undefined) return [];
          const secure = request.scheme === 'https';
          const value = rotate ? createVisitorToken() : token;
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
