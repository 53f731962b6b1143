import { createHash } from 'node:crypto';

import type * as z from 'zod';

import type { Context } from '../context.ts';
import { answerRefusal, fieldName, refuseZod } from '../http/errors.ts';
import { isRefusalCode } from '../http/refusal-codes.ts';
import type { EventRejection } from '../http/refusal-codes.ts';
import { answer, defineRoute } from '../http/route.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { findJsonProblem } from '../kernel/json-limits.ts';
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
import { trackEvent } from './track-event.ts';

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
    'idempotency_conflict',
    'too_old',
    'in_the_future',
    'unstorable',
  ],
  async handle(context, workspace, { body, idempotencyKey }) {
    const recorded = await record(context, workspace, body, idempotencyKey);
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
    const outcomes = await Promise.all(
      body.events.map((item, index) =>
        recordItem(context, workspace, item, idempotencyKey && itemKey(idempotencyKey, index)),
      ),
    );
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
  ValidationRefusal | (Refusal & { readonly code: EventRejection })
>;

async function record(
  context: Context,
  workspace: Workspace,
  body: z.output<typeof eventParams>,
  idempotencyKey: string | undefined,
): Promise<Recorded> {
  const input = toTrackEventInput(body);
  // What the body says of itself is closer than what the transport says of it.
  const keyed =
    idempotencyKey === undefined ||
    input.idempotencyKey !== undefined ||
    input.eventId !== undefined;
  const tracked = await trackEvent(
    context,
    workspace,
    keyed ? input : { ...input, idempotencyKey },
    { origin: 'api' },
  );
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

async function recordItem(
  context: Context,
  workspace: Workspace,
  item: unknown,
  idempotencyKey: string | undefined,
): Promise<Recorded | UnavailableError> {
  const problem = findJsonProblem(item);
  if (problem !== undefined)
    return refuseField(fieldName(problem.path) || 'event', problem.message);
  const parsed = eventParams.safeParse(item);
  if (!parsed.success) return refuseZod(parsed.error);
  try {
    return await record(context, workspace, parsed.data, idempotencyKey);
  } catch (error) {
    if (error instanceof UnavailableError) return error;
    throw error;
  }
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
