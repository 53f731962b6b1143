import { readCookie, serverCookie } from '../capture/cookies.ts';
import { isUuid } from '../kernel/id.ts';
import { day, second } from '../kernel/clock.ts';
import { equalInConstantTime, hmac } from '../security/keyring.ts';
import type { Workspace } from '../workspaces/workspace.ts';

/** With what somebody came, and when: ids, which let nobody in. */
export interface LandingContext {
  readonly invitationId: string | undefined;
  readonly codeId: string | undefined;
  readonly cameAt: number;
}

/** From when somebody came; being there again does not prolong it. */
const lifetime = 90 * day;
const none = '-';

/** The value is signed: a page or a person cannot make one up. */
export function readLandingCookie(
  workspace: Workspace,
  name: string,
  header: string | undefined,
  now: number,
): LandingContext | undefined {
  const value = readCookie(header, name);
  const [invitation, code, time, signature] = value?.split('.') ?? [];
  if (invitation === undefined || code === undefined || time === undefined) return undefined;
  const expected = sign(workspace, `${invitation}.${code}.${time}`);
  if (!equalInConstantTime(Buffer.from(expected), Buffer.from(signature ?? ''))) return undefined;
  const cameAt = Number(time);
  if (cameAt + lifetime <= now || cameAt > now) return undefined;
  return {
    invitationId: isUuid(invitation) ? invitation : undefined,
    codeId: isUuid(code) ? code : undefined,
    cameAt,
  };
}

export function setLandingCookie(
  workspace: Workspace,
  name: string,
  { invitationId, codeId, cameAt }: LandingContext,
  now: number,
  secure: boolean,
): string {
  const text = `${invitationId ?? none}.${codeId ?? none}.${cameAt}`;
  const seconds = Math.floor((cameAt + lifetime - now) / second);
  return serverCookie(name, `${text}.${sign(workspace, text)}`, seconds, secure);
}

function sign(workspace: Workspace, text: string): string {
  return hmac(workspace.dataKey, `landing_cookie\0${text}`).toString('base64url');
}
