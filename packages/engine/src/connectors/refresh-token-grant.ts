/** OAuth 2.0's refresh token grant (RFC 6749 §6), as Google and Microsoft both answer it. */
import type { OutgoingRequest, PlatformResponse, TokenAnswer } from './connector.ts';
import { at, later, plainMessage, textAt, tooMuch } from './platform-answer.ts';

export function refreshTokenRequest(
  url: string,
  form: Readonly<Record<string, string>>,
): OutgoingRequest {
  return {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...form, grant_type: 'refresh_token' }).toString(),
  };
}

export function readTokenAnswer(response: PlatformResponse): TokenAnswer {
  const { status, body } = response;
  const accessToken = textAt(body, 'access_token');
  const expiresIn = Number(at(body, 'expires_in') ?? 3_600);
  if (status === 200 && accessToken !== undefined && Number.isFinite(expiresIn)) {
    const refreshToken = textAt(body, 'refresh_token');
    return {
      outcome: 'token',
      accessToken,
      expiresInSeconds: expiresIn,
      ...(refreshToken !== undefined && { refreshToken }),
    };
  }
  const reason = {
    code: textAt(body, 'error') ?? `http_${status}`,
    message: plainMessage(textAt(body, 'error_description') ?? 'No access token was given.'),
  };
  if (status === 429) return tooMuch(response, reason);
  if (status >= 500) return later(response, reason);
  return { outcome: 'credentials', ...reason };
}
