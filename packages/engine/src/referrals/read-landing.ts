import { hash } from 'node:crypto';

import { addressPrefix } from '../capture/address-prefix.ts';
import { serverCookie } from '../capture/cookies.ts';
import type { IncomingRequest, OutgoingResponse } from '../capture/exchange.ts';
import { isPrefetch } from '../capture/link-request.ts';
import { createTrackRequest } from '../capture/track-request.ts';
import type { Context } from '../context.ts';
import { getInvitation } from '../invitations/get-invitation.ts';
import type { Invitation } from '../invitations/invitation.ts';
import { signatureParameter, tokenParameter, withoutToken } from '../invitations/invitation-url.ts';
import { invitationState } from '../invitations/invitation.ts';
import { trackUsage } from '../invitations/track-usage.ts';
import { actionsOf } from '../invitations/usage-rules.ts';
import { refuseState, validateInvitation } from '../invitations/validate-invitation.ts';
import type { InvitationUnusable } from '../invitations/validate-invitation.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { countedNetwork } from '../limits/rate-limit.ts';
import type { RateLimitedRefusal } from '../limits/rate-limit.ts';
import { getPartner, getPartnerByKey } from '../partners/get-partner.ts';
import type { Partner } from '../partners/partner.ts';
import { visitorCookie } from '../privacy/privacy-rules.ts';
import { readArrivalParameters } from '../sources/arrival-parameters.ts';
import { resolveVisitor } from '../visitors/resolve-visitor.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findLiveCode, getCode } from './get-code.ts';
import { landingCookieName, readLandingCookie, setLandingCookie } from './landing-cookie.ts';
import type { Arrived, LandingContext, SentBy } from './landing-cookie.ts';
import { codeState } from './referral-code.ts';
import type { ReferralCode } from './referral-code.ts';
import { referralSettings } from './referral-settings.ts';

/** With what somebody comes. */
export interface Landing {
  /** `undefined` without one; a refusal where it lets nobody in. */
  readonly invitation: Result<Invitation, InvitationUnusable | RateLimitedRefusal> | undefined;
  /** A code that can be used; what is none is left aside: `ref` is used by others too. */
  readonly code: ReferralCode | undefined;
  /** Who sent them, where that is an active partner of the workspace: by `via` or `ref`, or by a referral link before. */
  readonly partner: LandingPartner | undefined;
  /** For the answer: cookies. Several `set-cookie`. */
  readonly headers: OutgoingResponse['headers'];
  /** Where the answer should send who comes, where the options ask for it: a 303. */
  readonly redirectTo: string | undefined;
}

/** What to tell with what a person does: `partnerId` of an event. */
export interface LandingPartner {
  readonly id: string;
  readonly key: string;
  /** The referral link and its click. @default none: the address named the partner */
  readonly linkId: string | undefined;
  readonly clickId: string | undefined;
  readonly cameAt: Date;
}

export interface LandingOptions {
  /** Where to send who shows a token that lets nobody in. @default nowhere: the page says so */
  readonly refusedTo?: string | undefined;
  /**
   * Whether the token leaves the address once the cookie has the invitation, so that no referrer, log or analytics of the
   * page gets it. @default false
   */
  readonly stripToken?: boolean | undefined;
}

const parameters = new Set([tokenParameter, signatureParameter]);

/** @see createReferralCalls */
export async function readLanding(
  context: Context,
  workspace: Workspace,
  request: IncomingRequest,
  options: LandingOptions = {},
): Promise<Landing> {
  const now = context.clock.now();
  const name = context.options.cookies?.referral ?? landingCookieName;
  const known = readLandingCookie(workspace, name, request.header('cookie'), now);
  const { wanted, partner: named } = readArrivalParameters(request.target, parameters);
  const token = wanted.get(tokenParameter);
  const shown =
    token === undefined
      ? undefined
      : await validateInvitation(context, workspace, {
          token,
          signature: wanted.get(signatureParameter),
          address: request.remoteAddress,
        });
  const invitation = shown ?? (await readKnown(context, workspace, known?.invitation));
  // One name space: a partner's key, then a code.
  const sender = named && (await getPartnerByKey(context, workspace, named.key));
  const sentBy = await findSender(context, workspace, sender, known?.partner);
  const typed =
    named === undefined || sender !== undefined
      ? undefined
      : await findUsable(context, workspace, named.key, request.remoteAddress);
  const code = typed ?? (await findKnownCode(context, workspace, known?.code?.id));

  const isMachine = context.devices.read((header) => request.header(header)).machine !== undefined;
  const partner = sentBy?.landing;
  if (request.method !== 'GET' || isMachine)
    return { invitation, code, partner, headers: [], redirectTo: redirectOf(false) };
  // A page that is fetched ahead may be shown later without another request: it keeps the cookie, and is no visit yet.
  const isVisit = shown?.ok === true && !isPrefetch(request);
  const visited = isVisit ? await visit(context, workspace, shown.value, request) : [];
  const next: LandingContext = {
    invitation:
      invitation?.ok === true
        ? arrive(invitation.value.id, known?.invitation, tagOf(invitation.value))
        : undefined,
    code: code && arrive(code.id, known?.code),
    partner: sentBy?.context,
  };
  const isNew =
    next.invitation !== known?.invitation ||
    next.code !== known?.code ||
    next.partner !== known?.partner;
  const isKept =
    (next.invitation ?? next.code ?? next.partner) !== undefined &&
    visitorCookie(workspace.settings) !== undefined;
  const secure = request.scheme === 'https';
  const cookies: OutgoingResponse['headers'] = !isNew
    ? []
    : isKept
      ? [['set-cookie', setLandingCookie(workspace, name, next, now, secure)]]
      : // What was kept is no good any more: it must not turn away who comes next on this device.
        known === undefined
        ? []
        : [forgetLanding(context, secure)];
  return {
    invitation,
    code,
    partner,
    headers: [...visited, ...cookies],
    redirectTo: redirectOf(isKept),
  };

  /** Where the answer should send who comes, by the options. */
  function redirectOf(keeps: boolean): string | undefined {
    if (shown?.ok === false) return options.refusedTo;
    return shown !== undefined && keeps && options.stripToken === true
      ? withoutToken(request.target)
      : undefined;
  }

  /** Who comes with the same again came when they first did. */
  function arrive(id: string, before: Arrived | undefined, tag?: string): Arrived {
    return before?.id === id && before.tag === tag ? before : { id, tag, cameAt: now };
  }
}

/**
 * Who sent somebody: by the address now, else by the cookie. Who comes by the same partner again came when they first
 * did; one who is not active any more is nobody.
 */
async function findSender(
  context: Context,
  workspace: Workspace,
  named: Partner | undefined,
  known: SentBy | undefined,
): Promise<{ readonly landing: LandingPartner; readonly context: SentBy } | undefined> {
  const isKnown = named === undefined || named.id === known?.id || named.status !== 'active';
  const partner =
    isKnown && known !== undefined ? await getPartner(context, workspace, known.id) : named;
  if (partner?.status !== 'active') return undefined;
  const sentBy: SentBy =
    isKnown && known !== undefined
      ? known
      : { id: partner.id, linkId: undefined, clickId: undefined, cameAt: context.clock.now() };
  const { id, key } = partner;
  const { linkId, clickId } = sentBy;
  const cameAt = new Date(sentBy.cameAt);
  return { landing: { id, key, linkId, clickId, cameAt }, context: sentBy };
}

/** The cookie is for one sign-up: the next account on the device is somebody else's. */
export function forgetLanding(
  context: Context,
  secure: boolean,
): OutgoingResponse['headers'][number] {
  const name = context.options.cookies?.referral ?? landingCookieName;
  return ['set-cookie', serverCookie(name, '', 0, secure)];
}

/** Notes the visit of somebody who may be recognised, and gives the cookies that recognise them. */
async function visit(
  context: Context,
  workspace: Workspace,
  invitation: Invitation,
  request: IncomingRequest,
): Promise<OutgoingResponse['headers']> {
  const tracking = await createTrackRequest(context)(request, workspace.id);
  const action = Object.entries(actionsOf(context, workspace)).find(
    ([, { arrives }]) => arrives === true,
  )?.[0];
  if (tracking?.anonymousId === undefined) return tracking?.headers ?? [];
  const { anonymousId } = tracking;
  const resolved = await resolveVisitor(context, workspace, { anonymousId });
  const visitor = resolved.ok ? resolved.value.visitor : undefined;
  if (visitor !== undefined && action !== undefined)
    await trackUsage(context, workspace, invitation, {
      ...tracking.signals,
      entity: ['visitor', visitor.id],
      action,
    });
  return tracking.headers;
}

/** Which of its tokens an invitation has now, without a part of it. */
function tagOf({ tokenPrefix }: Pick<Invitation, 'tokenPrefix'>): string {
  return hash('sha256', tokenPrefix).slice(0, 8);
}

async function readKnown(
  context: Context,
  workspace: Workspace,
  known: Arrived | undefined,
): Promise<Landing['invitation']> {
  const found = known && (await getInvitation(context, workspace, known.id));
  if (found === undefined || tagOf(found) !== known?.tag) return undefined;
  return refuseState(invitationState(found, context.clock.now())) ?? ok(found);
}

/**
 * The code of an address that can be used. What is none is counted by the network of who comes: short codes could be
 * found by trying, and the cookie would tell. Past the limit every `ref` is left aside.
 */
async function findUsable(
  context: Context,
  workspace: Workspace,
  text: string,
  address: string | undefined,
): Promise<ReferralCode | undefined> {
  const network = address === undefined ? undefined : countedNetwork(addressPrefix(address));
  if (context.limiter.excess('unknownLinks', network) !== undefined) return undefined;
  const found = await findLiveCode(context, workspace, text);
  const usable = found && (await findKnownCode(context, workspace, found.id));
  if (usable === undefined) context.limiter.take('unknownLinks', network);
  return usable;
}

async function findKnownCode(
  context: Context,
  workspace: Workspace,
  id: string | undefined,
): Promise<ReferralCode | undefined> {
  if (id === undefined || !referralSettings(workspace).enabled) return undefined;
  const code = await getCode(context, workspace, id);
  const isUsable = code?.archivedAt === null && codeState(code, context.clock.now()) === 'valid';
  return isUsable ? code : undefined;
}
