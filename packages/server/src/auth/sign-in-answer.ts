import type { Refusal } from 'headwater';

/** Every code that sign-in refuses with, and its status. Documented in `docs/errors.md`. */
export const signInStatus = {
  malformed_json: 400,
  unauthorized: 401,
  wrong_password: 401,
  email_mismatch: 403,
  forbidden: 403,
  not_found: 404,
  member_not_found: 404,
  account_exists: 409,
  already_member: 409,
  last_owner: 409,
  invitation_unusable: 410,
  link_unusable: 410,
  body_too_large: 413,
  validation_failed: 422,
  rate_limited: 429,
  oidc_failed: 502,
  mail_failed: 502,
  mail_not_configured: 503,
} as const;

export type SignInCode = keyof typeof signInStatus;
export type SignInRefusal = Refusal & { readonly code: SignInCode };

/** What a route answers. */
export interface SignInAnswer {
  readonly ok: true;
  readonly status: number;
  readonly body?: unknown;
  /** `Set-Cookie`, as the library has written them. */
  readonly cookies?: readonly string[];
}

export function answer(body?: unknown, cookies: readonly string[] = []): SignInAnswer {
  return { ok: true, status: body === undefined ? 204 : 200, body, cookies };
}

export function refuseSignIn(
  code: SignInCode,
  message: string,
  errors?: Refusal['errors'],
): SignInRefusal {
  return { ok: false, code, message, ...(errors !== undefined && { errors }) };
}

export function toResponse(answered: SignInAnswer | SignInRefusal): Response {
  const headers = new Headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  if (!answered.ok) {
    const { message, code, errors } = answered;
    const wait = 'retryAfterSeconds' in answered ? String(answered.retryAfterSeconds) : undefined;
    if (wait !== undefined) headers.set('retry-after', wait);
    const body = { error: message, code, ...(errors !== undefined && { errors }) };
    return Response.json(body, { status: signInStatus[code], headers });
  }
  for (const cookie of answered.cookies ?? []) headers.append('set-cookie', cookie);
  return answered.body === undefined
    ? new Response(null, { status: answered.status, headers })
    : Response.json(answered.body, { status: answered.status, headers });
}
