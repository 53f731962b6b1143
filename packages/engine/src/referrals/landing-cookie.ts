import { readCookie, serverCookie } from '../capture/cookies.ts';
import type { IncomingRequest, OutgoingResponse } from '../capture/exchange.ts';
import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { day, second } from '../kernel/clock.ts';
import { equalInConstantTime, hmac } from '../security/keyring.ts';
import type { Workspace } from '../workspaces/workspace.ts';

/** With what somebody came, and when they first did: ids, which let nobody in. */
export interface LandingContext {
  readonly invitation: Arrived | undefined;
  readonly code: Arrived | undefined;
  readonly partner?: SentBy | undefined;
}

/** Who sent somebody, by which link and click of ours, where it was one. */
export interface SentBy {
  readonly id: string;
  readonly linkId: string | undefined;
  readonly clickId: string | undefined;
  readonly cameAt: number;
}

export interface Arrived {
  readonly id: string;
  /** Of an invitation: which of its tokens it was. With a new token the old one's visits are over. */
  readonly tag?: string | undefined;
  readonly cameAt: number;
}

export const landingCookieName = '_hw_ref';
/** From when somebody came with the one or the other; being there again does not prolong it. */
const lifetime = 90 * day;
const none = '-';
const tagMark = '_';

/** The value is signed: a page or a person cannot make one up. What has ended is left out. */
export function readLandingCookie(
  workspace: Workspace,
  name: string,
  header: string | undefined,
  now: number,
): LandingContext | undefined {
  const parts = readCookie(header, name)?.split('.') ?? [];
  const signature = parts.pop();
  // What was set before partners were noted ends after the code.
  if (parts.length !== 4 && parts.length !== 8) return undefined;
  const expected = sign(workspace, parts.join('.'));
  if (!equalInConstantTime(Buffer.from(expected), Buffer.from(signature ?? ''))) return undefined;
  const [invitation, invitedAt, code, toldAt, partner, linkId, clickId, sentAt] = parts;
  const sentBy = readArrived(partner, sentAt, now);
  return {
    invitation: readArrived(invitation, invitedAt, now),
    code: readArrived(code, toldAt, now),
    partner: sentBy && {
      id: sentBy.id,
      linkId: isUuid(linkId) ? linkId : undefined,
      clickId: isUuid(clickId) ? clickId : undefined,
      cameAt: sentBy.cameAt,
    },
  };
}

export function setLandingCookie(
  workspace: Workspace,
  name: string,
  { invitation, code, partner }: LandingContext,
  now: number,
  secure: boolean,
): string {
  const sentBy =
    partner === undefined
      ? []
      : [partner.id, partner.linkId ?? none, partner.clickId ?? none, partner.cameAt];
  const text = [
    ...[invitation, code].map((arrived) =>
      arrived === undefined
        ? `${none}.${none}`
        : `${arrived.id}${arrived.tag === undefined ? '' : tagMark + arrived.tag}.${arrived.cameAt}`,
    ),
    ...sentBy,
  ].join('.');
  const last = Math.max(...[invitation, code, partner].map((arrived) => arrived?.cameAt ?? 0));
  const seconds = Math.floor((last + lifetime - now) / second);
  return serverCookie(name, `${text}.${sign(workspace, text)}`, seconds, secure);
}

/** Notes the click of a referral link beside what is known; nothing for other links. */
export function partnerCookie(
  context: Pick<Context, 'options'>,
  workspace: Workspace,
  {
    link,
    clickId,
    request,
    now,
  }: {
    readonly link: {
      readonly id: string;
      readonly linkType: string;
      readonly partnerId: string | null;
    };
    readonly clickId: string;
    readonly request: Pick<IncomingRequest, 'header' | 'scheme'>;
    readonly now: number;
  },
): OutgoingResponse['headers'] {
  if (link.linkType !== 'referral' || link.partnerId === null) return [];
  const name = context.options.cookies?.referral ?? landingCookieName;
  const known = readLandingCookie(workspace, name, request.header('cookie'), now);
  const next: LandingContext = {
    invitation: known?.invitation,
    code: known?.code,
    partner: { id: link.partnerId, linkId: link.id, clickId, cameAt: now },
  };
  return [['set-cookie', setLandingCookie(workspace, name, next, now, request.scheme === 'https')]];
}

function readArrived(
  id: string | undefined,
  time: string | undefined,
  now: number,
): Arrived | undefined {
  const cameAt = Number(time);
  const [uuid, tag] = id?.split(tagMark, 2) ?? [];
  return isUuid(uuid) && cameAt <= now && now < cameAt + lifetime
    ? { id: uuid, tag, cameAt }
    : undefined;
}

function sign(workspace: Workspace, text: string): string {
  return hmac(workspace.dataKey, `landing_cookie\0${text}`).toString('base64url');
}
