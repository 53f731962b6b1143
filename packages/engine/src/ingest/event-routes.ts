import { createHash } from 'node:crypto';

import type * as z from 'zod';

import type { Context } from '../context.ts';
import { answerRefusal, refuseZod } from '../http/errors.ts';
import { issueMessage } from '../http/issue-message.ts';
import { isRefusalCode } from '../http/refusal-codes.ts';
import type { EventRejection } from '../http/refusal-codes.ts';
import { answer, defineRoute } from '../http/route.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { fieldName, findJsonProblem } from '../kernel/json-limits.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField, renameFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import {
  batchParams,
  batchResponse,
  documentedBatchParams,
  eventParams,
  eventResponse,
  toIdentityResponse,
  toTrackEventInput,
  wireNames,
} from './event-schema.ts';
import type { EventRefusal } from './check-event.ts';
import { beginEvents, trackEvent } from './track-event.ts';
import type { TrackEventInput, TrackEventOptions } from './track-event.ts';

const fromApi: TrackEventOptions = { origin: 'api' };

const create = defineRoute({
  method: 'post',
  path: '/events',
  operationId: 'createEvent',
  tag: 'Events',
  summary: 'Record an event',
  description:
    'Answered after the event is committed. The visitor must exist: events of servers never create one.',
  scope: 'events:write',
  body: eventParams,
  idempotency: 'event',
  responses: {
    201: { description: 'Recorded', schema: eventResponse },
    200: { description: 'Recorded before under the same key', schema: eventResponse },
  },
  refusals: [
    'validation_failed',
    'visitor_not_found',
    'visitor_erased',
    'idempotency_conflict',
    'too_old',
    'in_the_future',
    'unstorable',
  ],
  async handle(context, workspace, { body, idempotencyKey }) {
    const input = toInput(body, idempotencyKey);
    const recorded = describe(await trackEvent(context, workspace, input, fromApi));
    return recorded.ok
      ? answer(recorded.value.outcome === 'duplicate' ? 200 : 201, recorded.value)
      : recorded;
  },
});

const createBatch = defineRoute({
  method: 'post',
  path: '/events/batch',
  operationId: 'batchEvents',
  tag: 'Events',
  summary: 'Record up to 100 events',
  description:
    'Each event has its own answer in its place; one that is refused does not touch the others.',
  scope: 'events:write',
  body: batchParams,
  documentedBody: documentedBatchParams,
  checksWholeBody: false,
  bytesMax: 2 * 1024 * 1024,
  idempotency: 'event',
  responses: {
    201: { description: 'All of them are recorded', schema: batchResponse },
    207: { description: 'Some or all of them are refused', schema: batchResponse },
  },
  async handle(context, workspace, { body, idempotencyKey }) {
    const items = body.events.map((item, index) =>
      readItem(item, idempotencyKey && itemKey(idempotencyKey, index)),
    );
    const outcomes = await recordAll(context, workspace, items);
    const [first] = outcomes;
    if (
      first instanceof UnavailableError &&
      outcomes.every((outcome) => outcome instanceof UnavailableError)
    )
      throw first;
    const results = outcomes.map((outcome, index) => describeItem(outcome, index));
    return answer(results.every((result) => result.status === 'ok') ? 201 : 207, { results });
  },
});

export const eventRoutes = [create, createBatch];

type Recorded = Result<
  z.input<typeof eventResponse>,
  EventRefusal | (Refusal & { readonly code: EventRejection })
>;

/** What the body says of itself is closer than what the transport says of it. */
function toInput(
  body: z.output<typeof eventParams>,
  idempotencyKey: string | undefined,
): TrackEventInput {
  const input = toTrackEventInput(body);
  return idempotencyKey === undefined ||
    input.idempotencyKey !== undefined ||
    input.eventId !== undefined
    ? input
    : { ...input, idempotencyKey };
}

function readItem(
  item: unknown,
  idempotencyKey: string | undefined,
): Result<TrackEventInput, ValidationRefusal> {
  const problem = findJsonProblem(item);
  if (problem !== undefined)
    return refuseField(fieldName(problem.path) || 'event', problem.message);
  const parsed = eventParams.safeParse(item, { error: issueMessage });
  return parsed.success ? ok(toInput(parsed.data, idempotencyKey)) : refuseZod(parsed.error);
}

/** Each item's answer in its place; what could not be read is its own. */
async function recordAll(
  context: Context,
  workspace: Workspace,
  items: ReadonlyArray<Result<TrackEventInput, ValidationRefusal>>,
): Promise<Array<Recorded | UnavailableError>> {
  const inputs = items.flatMap((item) => (item.ok ? [item.value] : []));
  const begun = (await beginEvents(context, workspace, inputs, fromApi)).values();
  return Promise.all(items.map(async (item) => (item.ok ? settle(begun.next().value!) : item)));
}

async function settle(begun: ReturnType<typeof trackEvent>): Promise<Recorded | UnavailableError> {
  try {
    return describe(await begun);
  } catch (error) {
    if (error instanceof UnavailableError) return error;
    throw error;
  }
}

function describe(tracked: Awaited<ReturnType<typeof trackEvent>>): Recorded {
  if (!tracked.ok) return renameFields(tracked, wireNames);
  const outcome = tracked.value;
  if (outcome.outcome === 'rejected') {
    return refuse(
      isRefusalCode(outcome.code) ? (outcome.code as EventRejection) : 'unstorable',
      outcome.message,
    );
  }
  return ok({
    event_id: outcome.eventId,
    outcome: outcome.outcome,
    visitor_id: outcome.personId ?? outcome.visitorId ?? null,
    identity: toIdentityResponse(outcome.identity),
  });
}

function describeItem(
  outcome: Recorded | UnavailableError,
  index: number,
): z.input<typeof batchResponse>['results'][number] {
  if (outcome instanceof UnavailableError) {
    return {
      index,
      status: 'error',
      outcome: 'rejected',
      error: 'Not recorded in time; send it again',
      code: 'unavailable',
    };
  }
  if (outcome.ok) return { index, status: 'ok', ...outcome.value };
  const { error, code, errors } = answerRefusal(outcome).body;
  const fields =
    errors &&
    Object.fromEntries(Object.entries(errors).map(([field, messages]) => [field, [...messages]]));
  return {
    index,
    status: 'error',
    outcome: 'rejected',
    error,
    code,
    ...(fields && { errors: fields }),
  };
}

/** One key for each place in a batch, of a length that a key may have. */
function itemKey(idempotencyKey: string, index: number): string {
  return createHash('sha256').update(`${idempotencyKey}\0${index}`).digest('hex');
}
