import type * as z from 'zod';

import type { Context } from '../context.ts';
import { answerRefusal, refuseZod } from '../http/errors.ts';
import { issueMessage } from '../http/issue-message.ts';
import { answer, defineRoute } from '../http/route.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { fieldName, findJsonProblem } from '../kernel/json-limits.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findProject } from './get-project.ts';
import type { Project } from './project.ts';
import { trackForProject } from './track-for-project.ts';
import type { Tracked, TrackedInput, TrackRefusal } from './track-for-project.ts';
import {
  documentedTrackingBatchParams,
  documentedTrackingParams,
  toTrackedInput,
  trackedEventParams,
  trackingBatchEvents,
  trackingBatchParams,
  trackingBatchResponse,
  trackingParams,
  trackingResponse,
} from './tracking-schema.ts';

const refusals = [
  'validation_failed',
  'project_not_found',
  'event_id_conflict',
  'too_old',
  'in_the_future',
  'unstorable',
] as const;

const trackOne = defineRoute({
  method: 'post',
  path: '/v1/tracking/events',
  operationId: 'trackEvent',
  tag: 'Projects',
  summary: 'Track a registration or a conversion of a project',
  description:
    'Answered after the event is committed and counted. A user who is not known yet becomes a visitor.',
  scope: 'tracking:write',
  limit: 'tracking',
  body: trackingParams,
  documentedBody: documentedTrackingParams,
  checksWholeBody: false,
  idempotency: 'event',
  responses: { 202: { description: 'Recorded', schema: trackingResponse } },
  refusals,
  async handle(context, workspace, { body }) {
    const { startup_slug: slug, ...event } = body;
    const project = await findProject(context, workspace, slug);
    if (project === undefined) return startupNotFound();
    const input = readEvent(event);
    if (!input.ok) return input;
    const [tracked] = await Promise.all(
      trackForProject(context, workspace, project, [input.value], { origin: 'api' }),
    );
    if (!tracked!.ok) return tracked!;
    return answer(202, {
      status: 'accepted',
      ...(tracked!.value.duplicate && { duplicate: true }),
    });
  },
});

const trackBatch = defineRoute({
  method: 'post',
  path: '/v1/tracking/events/batch',
  operationId: 'trackEvents',
  tag: 'Projects',
  summary: 'Track up to 100 events of a project',
  description:
    'Each event has its own answer in its place; one that is refused does not touch the others.',
  scope: 'tracking:write',
  limit: 'tracking',
  body: trackingBatchParams,
  documentedBody: documentedTrackingBatchParams,
  checksWholeBody: false,
  bytesMax: 2 * 1024 * 1024,
  idempotency: 'event',
  responses: {
    202: { description: 'All of them are recorded', schema: trackingBatchResponse },
    207: { description: 'Some or all of them are refused', schema: trackingBatchResponse },
  },
  refusals: ['validation_failed', 'project_not_found'],
  async handle(context, workspace, { body }) {
    const { startup_slug: slug, ...rest } = body;
    const project = await findProject(context, workspace, slug);
    if (project === undefined) return startupNotFound();
    const batch = trackingBatchEvents.safeParse(rest, { error: issueMessage });
    if (!batch.success) return refuseZod(batch.error);
    const items = batch.data.events.map(readEvent);
    const outcomes = await trackAll(context, workspace, project, items);
    const [first] = outcomes;
    // Where nothing was recorded the client may send the whole batch again.
    if (
      first instanceof UnavailableError &&
      outcomes.every((each) => each instanceof UnavailableError)
    )
      throw first;
    const results = outcomes.map(describeItem);
    return answer(results.every((result) => result.status === 'ok') ? 202 : 207, { results });
  },
});

export const trackingRoutes = [trackOne, trackBatch];

type Outcome = Result<Tracked, TrackRefusal> | UnavailableError;

function readEvent(item: unknown): Result<TrackedInput, ValidationRefusal> {
  const problem = findJsonProblem(item);
  if (problem !== undefined)
    return refuseField(fieldName(problem.path) || 'event', problem.message);
  const parsed = trackedEventParams.safeParse(item, { error: issueMessage });
  return parsed.success ? ok(toTrackedInput(parsed.data)) : refuseZod(parsed.error);
}

/** Each item's answer in its place; what could not be read is its own. */
async function trackAll(
  context: Context,
  workspace: Workspace,
  project: Project,
  items: ReadonlyArray<Result<TrackedInput, ValidationRefusal>>,
): Promise<Outcome[]> {
  const inputs = items.flatMap((item) => (item.ok ? [item.value] : []));
  const begun = trackForProject(context, workspace, project, inputs, { origin: 'api' }).values();
  return Promise.all(items.map(async (item) => (item.ok ? settle(begun.next().value!) : item)));
}

async function settle(begun: Promise<Result<Tracked, TrackRefusal>>): Promise<Outcome> {
  try {
    return await begun;
  } catch (error) {
    if (error instanceof UnavailableError) return error;
    throw error;
  }
}

function describeItem(
  outcome: Outcome,
  index: number,
): z.input<typeof trackingBatchResponse>['results'][number] {
  const rejected = { index, status: 'error', outcome: 'rejected' } as const;
  if (outcome instanceof UnavailableError)
    return { ...rejected, error: 'Not recorded in time; send it again', code: 'unavailable' };
  if (outcome.ok)
    return { index, status: 'ok', outcome: outcome.value.duplicate ? 'duplicate' : 'accepted' };
  const { error, code, errors } = answerRefusal(outcome).body;
  if (errors === undefined) return { ...rejected, error, code };
  const fields = Object.entries(errors).map(([field, messages]): [string, string[]] => [
    field,
    [...messages],
  ]);
  return { ...rejected, error, code, errors: Object.fromEntries(fields) };
}

/** In the words of the document that clients were written by. */
function startupNotFound() {
  return refuse('project_not_found', 'startup not found');
}
