import type { Context } from '../context.ts';
import { refuseField } from '../kernel/validation.ts';
import { forgetLanding, readLanding } from '../referrals/read-landing.ts';
import type { BeaconAccess } from './beacon-access.ts';
import { jsonResponse, refusalResponse } from './beacon-answer.ts';
import type { Headers } from './beacon-answer.ts';
import { asFields } from './beacon-schema.ts';
import type { IncomingRequest, OutgoingResponse } from './exchange.ts';

/**
 * Answers `{base}/t/landing`: whether what a page was reached with (`ref`, `via`, an invitation's token) is ours and good,
 * kept in a signed cookie that no script can read; or that a sign-up has used it. A foreign value is no error, and nothing.
 */
export async function answerLanding(
  context: Context,
  {
    request,
    access,
    body,
    cors,
  }: {
    readonly request: IncomingRequest;
    readonly access: BeaconAccess;
    readonly body: unknown;
    readonly cors: Headers;
  },
): Promise<OutgoingResponse> {
  const { url, used } = asFields(body) ?? {};
  // Towards another site no cookie of ours goes there or comes back: the page keeps what it is told.
  const cookiesOf = (headers: Headers): Headers => (access.crossSite ? [] : headers);
  if (used === true) {
    const ended = forgetLanding(context, request.scheme === 'https');
    return jsonResponse(200, { code: null, invitation: null }, [...cors, ...cookiesOf([ended])]);
  }
  if (typeof url !== 'string' || !URL.canParse(url) || !/^https?:/.test(url))
    return refusalResponse(422, refuseField('url', 'must be the address of the page'), cors);
  const { pathname, search } = new URL(url);
  const landing = await readLanding(context, access.workspace, {
    ...request,
    // As if the page itself had been asked for.
    method: 'GET',
    target: pathname + search,
  });
  const { invitation, code, partner } = landing;
  const answer = {
    code: code?.code ?? null,
    ...(partner !== undefined && { partner: partner.key }),
    invitation:
      invitation === undefined
        ? null
        : invitation.ok
          ? { valid: true, name: invitation.value.name }
          : { valid: false, code: invitation.code },
  };
  return jsonResponse(200, answer, [...cors, ...cookiesOf(landing.headers)]);
}
