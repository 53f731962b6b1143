import type { IncomingRequest } from '../capture/exchange.ts';
import type { Invitation } from '../invitations/invitation.ts';
import type { Landing } from '../referrals/read-landing.ts';

/** An engine as the invitation guard needs it. */
export interface Inviting {
  readonly referrals: {
    readLanding(
      request: Request | IncomingRequest,
      options?: { readonly workspaceId?: string; readonly remoteAddress?: string },
    ): Promise<Landing>;
  };
}

export interface GuardOptions {
  /** Where somebody goes who is not let in; the code of the reason stands there as `error`. */
  readonly redirectTo: string;
  /** Lets in who comes without an invitation, and nobody with one that is not good. @default false */
  readonly isOptional?: boolean;
  /** @default the first workspace */
  readonly workspaceId?: string;
}

/** What a request that was let in comes with. */
export interface Admission {
  readonly invitation: Invitation | undefined;
  readonly code: Landing['code'];
}

/** Whether somebody comes in, and what the answer carries either way. */
export type Guarded = { readonly headers: Landing['headers'] } & (
  | { readonly admitted: Admission }
  | { readonly admitted?: undefined; readonly location: string }
);

/** Reads an invitation, its visit and its cookie; looking at one never uses it up. */
export async function guardInvitation(
  hw: Inviting,
  request: Request | IncomingRequest,
  options: GuardOptions,
  remoteAddress?: string,
): Promise<Guarded> {
  const { redirectTo, isOptional = false, workspaceId } = options;
  const { invitation, code, headers } = await hw.referrals.readLanding(request, {
    ...(workspaceId !== undefined && { workspaceId }),
    ...(remoteAddress !== undefined && { remoteAddress }),
  });
  if (invitation?.ok === true) return { headers, admitted: { invitation: invitation.value, code } };
  if (invitation === undefined && isOptional)
    return { headers, admitted: { invitation: undefined, code } };
  const separator = redirectTo.includes('?') ? '&' : '?';
  const reason = invitation?.code ?? 'missing_token';
  return { headers, location: `${redirectTo}${separator}error=${reason}` };
}

/** A Cookie header with what an answer is about to set; `undefined` without either. */
export function joinCookies(
  cookie: string | undefined,
  headers: Landing['headers'],
): string | undefined {
  const set = headers.flatMap(([name, value]) =>
    name === 'set-cookie' ? [value.split(';', 1)[0]!] : [],
  );
  const pairs = [...(cookie === undefined ? [] : [cookie]), ...set];
  return pairs.length === 0 ? undefined : pairs.join('; ');
}
