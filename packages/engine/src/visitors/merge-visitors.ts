import type { Context } from '../context.ts';
import { trackEvent } from '../ingest/track-event.ts';
import type { TrackEventOptions } from '../ingest/track-event.ts';
import { isUuid } from '../kernel/id.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { getVisitor } from './get-visitor.ts';
import { visitorNotFound, visitorRejection } from './identify-visitor.ts';
import type { IdentifiedVisitor, VisitorRejection } from './identify-visitor.ts';
import { findMergeOutcome } from './merge-store.ts';

export interface MergeVisitorsInput {
  readonly visitorId: string;
  readonly otherVisitorId: string;
  /** Sent again, the two are joined once: an undo in between stands. */
  readonly idempotencyKey?: string;
}

export type MergeVisitorsRefusal = ValidationRefusal | VisitorRejection;

/**
 * Joins two people because somebody says that they are one. The rules hold as ever: different external ids are
 * refused, with the reason in `identity`. A pair that an undo had separated may be joined again this way.
 */
export async function mergeVisitors(
  context: Context,
  workspace: Workspace,
  input: MergeVisitorsInput,
  options: Pick<TrackEventOptions, 'tx' | 'origin' | 'actor'> = {},
): Promise<Result<IdentifiedVisitor, MergeVisitorsRefusal>> {
  const { visitorId, otherVisitorId, ...rest } = input;
  if (!isUuid(visitorId) || !isUuid(otherVisitorId)) return visitorNotFound();
  const tracked = await trackEvent(
    context,
    workspace,
    { type: 'identify', name: 'merge', visitorId, sameAsVisitorId: otherVisitorId, ...rest },
    options,
  );
  // It happens now: only its fields can be wrong.
  if (!tracked.ok) return refuseFields(tracked.errors ?? {});
  const outcome = tracked.value;
  if (outcome.outcome === 'rejected') return visitorRejection(outcome);
  const { eventId } = outcome;
  return ok({
    visitor:
      outcome.visitorId === undefined
        ? undefined
        : await getVisitor(context, workspace, outcome.visitorId),
    identity:
      outcome.outcome === 'duplicate'
        ? await findMergeOutcome(context.database.db, workspace.id, eventId, [
            visitorId,
            otherVisitorId,
          ])
        : outcome.identity,
    eventId,
  });
}
