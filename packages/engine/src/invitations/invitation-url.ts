import { withParameters } from '../kernel/with-parameters.ts';

/** The names of the parameters that carry a token and its signature. */
export const tokenParameter = 'invitation_token';
export const signatureParameter = 's';

/**
 * The address that an invitation is sent as: everything of the base stays, query and fragment too; a token that is
 * there already gives way. `undefined` for a base that is no address of http or https.
 */
export function invitationUrl(base: string, token: string, signature?: string): string | undefined {
  return withParameters(base, {
    [tokenParameter]: token,
    ...(signature !== undefined && { [signatureParameter]: signature }),
  });
}

const hasToken = new RegExp(`[?&]${tokenParameter}=`, 'i');
const tokenPattern = new RegExp(`([?&])(?:${tokenParameter}|${signatureParameter})=[^&#]*`, 'gi');

/** An address as it is kept: without the token of an invitation, which would let in whoever reads it there. */
export function withoutToken(url: string): string {
  // In whatever case: a landing reads it so.
  if (!hasToken.test(url)) return url;
  return url
    .replace(tokenPattern, '$1')
    .replace(/([?&])&+/g, '$1')
    .replace(/[?&]+(?=#|$)/, '');
}
