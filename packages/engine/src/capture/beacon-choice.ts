import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { BeaconAccess } from './beacon-access.ts';
import { jsonResponse, refusalResponse } from './beacon-answer.ts';
import type { Headers } from './beacon-answer.ts';
import { asFields } from './beacon-schema.ts';
import type { Cookies } from './cookies.ts';
import type { IncomingRequest, OutgoingResponse } from './exchange.ts';

/**
 * Answers `{base}/t/choice`: what a visitor decides about being counted becomes a cookie that outlasts those of scripts,
 * or the end of the cookies that no script can remove. Nothing is stored here.
 */
export function answerChoice(
  cookies: Cookies,
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
): OutgoingResponse {
  const choice = readChoice(body);
  if (!choice.ok) return refusalResponse(422, choice, cors);
  const { optOut, forget } = choice.value;
  const secure = request.scheme === 'https';
  // Towards another site the page keeps its own mark: it would not get these cookies back.
  const set = access.crossSite
    ? []
    : [
        ...(forget ? cookies.forget(secure, request.header('cookie')) : []),
        ...(optOut === undefined ? [] : [cookies.setOptOut(optOut, secure)]),
      ];
  return jsonResponse(200, { status: 'ok' }, [...cors, ...set]);
}

interface Choice {
  readonly optOut: boolean | undefined;
  readonly forget: boolean;
}

function readChoice(input: unknown): Result<Choice, ValidationRefusal> {
  const fields = asFields(input);
  if (fields === undefined) return refuseField('body', 'must be an object');
  const { opt_out: optOut, forget } = fields;
  if (optOut !== undefined && typeof optOut !== 'boolean')
    return refuseField('opt_out', 'must be true or false');
  if (forget !== undefined && typeof forget !== 'boolean')
    return refuseField('forget', 'must be true or false');
  return ok({ optOut, forget: forget === true });
}
