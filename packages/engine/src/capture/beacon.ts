import type { Context } from '../context.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { ok, refuse } from '../kernel/result.ts';
import { answerClick } from './answer-click.ts';
import { answerLanding } from './answer-landing.ts';
import type { BeaconCall } from './answer-click.ts';
import { networkOf, resolveBeaconAccess } from './beacon-access.ts';
import type { BeaconAccessRefusal } from './beacon-access.ts';
import {
  corsHeaders,
  eventAnswer,
  jsonResponse,
  limitedResponse,
  refusalResponse,
  refusedAnswer,
  singleStatus,
} from './beacon-answer.ts';
import type { EventAnswer, Headers } from './beacon-answer.ts';
import { readBeaconBody } from './beacon-body.ts';
import type { BeaconBodyRefusal } from './beacon-body.ts';
import { answerChoice } from './beacon-choice.ts';
import type { BeaconClickDependencies } from './beacon-click.ts';
import { captureBeacon } from './beacon-event.ts';
import { keyBesideBody, keyInBody, readKey } from './beacon-key.ts';
import { asFields, beaconLimits, readBeaconEvent } from './beacon-schema.ts';
import type { BeaconEvent } from './beacon-schema.ts';
import { createBeaconVisitors } from './beacon-visitor.ts';
import type { BeaconVisitors } from './beacon-visitor.ts';
import { createCookies } from './cookies.ts';
import type { IncomingRequest, OutgoingResponse } from './exchange.ts';
import { takePendingClick } from './pending-click.ts';
import { submitAnew } from './submit-anew.ts';

/** Answers `{base}/t/event`, `{base}/t/click`, `{base}/t/choice` and `{base}/t/landing`; `undefined` for other requests. */
export type Beacon = (request: IncomingRequest) => Promise<OutgoingResponse> | undefined;

const accessStatus = {
  unauthorized: 401,
  publishable_key_required: 403,
  host_not_allowed: 403,
} as const satisfies Record<Exclude<BeaconAccessRefusal['code'], 'rate_limited'>, number>;
const bodyStatus = {
  body_too_large: 413,
  unsupported_media_type: 415,
  invalid_json: 400,
} as const satisfies Record<BeaconBodyRefusal['code'], number>;

/** A preflight is asked for `application/json` from another origin; it has no body, so its key is in the query. */
const preflightHeaders: Headers = [
  ['access-control-allow-methods', 'POST'],
  ['access-control-allow-headers', 'content-type'],
  ['access-control-max-age', '86400'],
];

export function createBeacon(context: Context, dependencies: BeaconClickDependencies): Beacon {
  const prefix = `${context.options.basePath ?? '/hw'}/t/`;
  const visitors = createBeaconVisitors(context, dependencies.salts);
  const cookies = createCookies(context.options.cookies);

  return function handleBeacon(request) {
    if (!request.target.startsWith(prefix)) return undefined;
    const question = request.target.indexOf('?');
    const name = request.target.slice(prefix.length, question === -1 ? undefined : question);
    return isName(name) ? take(request, name) : undefined;
  };

  async function take(request: IncomingRequest, name: Name): Promise<OutgoingResponse> {
    const isPreflight = request.method === 'OPTIONS';
    if (!isPreflight && request.method !== 'POST') {
      return refusalResponse(405, refuse('method_not_allowed', 'Use POST'), [
        ['allow', 'POST, OPTIONS'],
      ]);
    }

    const receivedAt = context.clock.now();
    const limited = isPreflight ? undefined : context.limiter.take('beacons', networkOf(request));
    if (limited !== undefined)
      return limitedResponse(limited, await corsFor(request, await readKey(name, request)));
    const body = isPreflight ? ok(undefined) : await readBeaconBody(request);
    let cors: Headers = [];
    try {
      const named = keyBesideBody(request) ?? (body.ok ? keyInBody(name, body.value) : undefined);
      const access = await resolveBeaconAccess(context, request, named);
      if (access.ok) cors = corsHeaders(access.value);
      // A page that may write can read why its body is refused, and does not send the same again.
      if (!body.ok) return refusalResponse(bodyStatus[body.code], body, cors);
      if (!access.ok) {
        return access.code === 'rate_limited'
          ? limitedResponse(access, [])
          : refusalResponse(accessStatus[access.code], access, []);
      }
      if (isPreflight) return { status: 204, headers: [...cors, ...preflightHeaders] };
      const tooMany = context.limiter.take('beaconsPerKey', access.value.keyId);
      if (tooMany !== undefined) return limitedResponse(tooMany, cors);

      const call: BeaconCall = {
        request,
        receivedAt,
        access: access.value,
        body: body.value,
        cors,
      };
      if (name === 'choice') return answerChoice(cookies, call);
      if (name === 'landing') return await answerLanding(context, call);
      return name === 'event'
        ? await answerEvents(context, visitors, call)
        : await answerClick(context, dependencies, { ...call, visitors });
    } catch (error) {
      return answerUnavailable(context, error, cors);
    }
  }

  /** A page that may write can read how long it has to wait. */
  async function corsFor(request: IncomingRequest, key: string | undefined): Promise<Headers> {
    try {
      const access = await resolveBeaconAccess(context, request, key);
      return access.ok ? corsHeaders(access.value) : [];
    } catch {
      return [];
    }
  }
}

const names = ['event', 'click', 'choice', 'landing'] as const;
type Name = (typeof names)[number];

function isName(name: string): name is Name {
  return (names as readonly string[]).includes(name);
}

/** Whatever went wrong, the page keeps its events and sends them again. */
function answerUnavailable(context: Context, error: unknown, cors: Headers): OutgoingResponse {
  const known = error instanceof UnavailableError;
  if (!known)
    context.logger.error('A beacon could not be answered', { error: describeFault(error) });
  const retryAfterSeconds = known ? error.retryAfterSeconds : 5;
  return refusalResponse(503, refuse('unavailable', 'Not available at the moment'), [
    ...cors,
    ['retry-after', String(retryAfterSeconds)],
  ]);
}

async function answerEvents(
  context: Context,
  visitors: BeaconVisitors,
  call: BeaconCall,
): Promise<OutgoingResponse> {
  const { request, receivedAt, access, body, cors } = call;
  const items: readonly unknown[] = Array.isArray(body) ? body : [body];
  if (items.length === 0 || items.length > beaconLimits.eventsMax) {
    const message = `must have 1 to ${beaconLimits.eventsMax} items`;
    return refusalResponse(
      422,
      refuse('validation_failed', `events ${message}`, { events: [message] }),
      cors,
    );
  }
  const { workspace } = access;
  const network = networkOf(request);
  if (items.some((item) => asFields(item)?.['proof'] !== undefined)) {
    const limited = context.limiter.excess('failedCredentials', network);
    if (limited !== undefined) return limitedResponse(limited, cors);
  }
  const rules = { salesAllowed: workspace.settings.browserSales === true };
  const visit = await visitors.read(request, access, receivedAt);
  let clickId: string | undefined;

  const submit = async (beacon: BeaconEvent): Promise<EventAnswer> => {
    const device = await visit.identifierFor(beacon);
    const captured = captureBeacon(context, workspace, {
      beacon,
      request: visit.request,
      visitor: device,
    });
    if (beacon.proof !== undefined && captured.unproven.includes('person_external_id'))
      context.limiter.take('failedCredentials', network);
    clickId ??= captured.clickId;
    if (captured.clickId !== undefined)
      await takePendingClick(context, workspace.id, captured.clickId, {
        device,
        successorOf: visit.successorOf,
      });
    const outcome = await submitAnew(
      captured.event,
      (event) => context.ingest.submit(event, { together: items }),
      visit.successorOf,
    );
    return eventAnswer(captured, outcome);
  };
  // All are settled before anything is answered: where one cannot be stored, the page sends all of them again.
  const settled = await Promise.allSettled(
    items.map((item) => {
      const read = readBeaconEvent(item, rules);
      return read.ok ? submit(read.value) : Promise.resolve(refusedAnswer(read));
    }),
  );
  const answers = settled.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });

  const rotate = answers.some((answer) => answer.rotate === true);
  const isNobody = answers.every(({ outcome }) => outcome === 'dropped');
  const headers: Headers = [...cors, ...visit.cookies({ rotate, clickId, isNobody })];
  const told = visit.told({ rotate });
  const [single] = answers;
  if (!Array.isArray(body) && single !== undefined)
    return jsonResponse(singleStatus(single), { ...single, ...told }, headers);
  return jsonResponse(200, { status: 'ok', ...told, results: answers }, headers);
}
