/** The names of the parameters that carry a token and its signature. */
export const tokenParameter = 'invitation_token';
export const signatureParameter = 's';

/**
 * The address that an invitation is sent as: everything of the base stays, query and fragment too; a token that is
 * there already gives way. `undefined` for a base that is no address of http or https.
 */
export function invitationUrl(base: string, token: string, signature?: string): string | undefined {
  const url = URL.parse(base);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined;
  const kept = url.search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && nameOf(pair) !== tokenParameter)
    .filter((pair) => signature === undefined || nameOf(pair) !== signatureParameter);
  const added = new URLSearchParams({
    [tokenParameter]: token,
    ...(signature !== undefined && { [signatureParameter]: signature }),
  });
  // By hand: writing through `searchParams` would spell what the base has differently.
  url.search = [...kept, added.toString()].join('&');
  return url.href;
}

function nameOf(pair: string): string {
  return new URLSearchParams(pair).keys().next().value ?? '';
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
