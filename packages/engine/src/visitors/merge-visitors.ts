import type { Context } from '../context.ts';
import { trackEvent } from '../ingest/track-event.ts';
import { isUuid } from '../kernel/id.ts';
import type { Result } from '../kernel/result.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { getVisitor } from './get-visitor.ts';
import { visitorNotFound } from './identify-visitor.ts';
import type { IdentifiedVisitor, VisitorNotFound } from './identify-visitor.ts';

export interface MergeVisitorsInput {
  readonly visitorId: string;
  readonly otherVisitorId: string;
}

/**
 * Joins two people because somebody says that they are one. The rules hold as ever: different external ids are
 * refused, with the reason in `identity`. A pair that an undo had separated may be joined again this way.
 */
export async function mergeVisitors(
  context: Context,
  workspace: Workspace,
  input: MergeVisitorsInput,
): Promise<Result<IdentifiedVisitor, ValidationRefusal | VisitorNotFound>> {
  if (!isUuid(input.visitorId) || !isUuid(input.otherVisitorId)) return visitorNotFound();
  const tracked = await trackEvent(context, workspace, {
    type: 'identify',
    name: 'merge',
    visitorId: input.visitorId,
    sameAsVisitorId: input.otherVisitorId,
  });
  if (!tracked.ok) return tracked;
  const outcome = tracked.value;
  if (outcome.outcome === 'rejected' || outcome.visitorId === undefined) return visitorNotFound();
  return {
    ok: true,
    value: {
      visitor: await getVisitor(context, workspace, outcome.visitorId),
      identity: outcome.identity,
      eventId: outcome.eventId,
    },
  };
}
