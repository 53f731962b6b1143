import { readCookie, serverCookie } from '../capture/cookies.ts';
import { isUuid } from '../kernel/id.ts';
import { day, second } from '../kernel/clock.ts';
import { equalInConstantTime, hmac } from '../security/keyring.ts';
import type { Workspace } from '../workspaces/workspace.ts';

/** With what somebody came, and when they first did: ids, which let nobody in. */
export interface LandingContext {
  readonly invitation: Arrived | undefined;
  readonly code: Arrived | undefined;
}

export interface Arrived {
  readonly id: string;
  /** Of an invitation: which of its tokens it was. With a new token the old one's visits are over. */
  readonly tag?: string | undefined;
  readonly cameAt: number;
}

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
  if (parts.length !== 4) return undefined;
  const expected = sign(workspace, parts.join('.'));
  if (!equalInConstantTime(Buffer.from(expected), Buffer.from(signature ?? ''))) return undefined;
  const [invitation, invitedAt, code, toldAt] = parts;
  return {
    invitation: readArrived(invitation, invitedAt, now),
    code: readArrived(code, toldAt, now),
  };
}

export function setLandingCookie(
  workspace: Workspace,
  name: string,
  { invitation, code }: LandingContext,
  now: number,
  secure: boolean,
): string {
  const text = [invitation, code]
    .map((arrived) =>
      arrived === undefined
        ? `${none}.${none}`
        : `${arrived.id}${arrived.tag === undefined ? '' : tagMark + arrived.tag}.${arrived.cameAt}`,
    )
    .join('.');
  const last = Math.max(invitation?.cameAt ?? 0, code?.cameAt ?? 0);
  const seconds = Math.floor((last + lifetime - now) / second);
  return serverCookie(name, `${text}.${sign(workspace, text)}`, seconds, secure);
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
