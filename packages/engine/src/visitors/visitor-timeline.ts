import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findMembers, findRoot, findTimeline } from './person-store.ts';
import type { TimelineEvent } from './visitor.ts';

export interface TimelineInput {
  /** @default 50 */
  readonly limit?: number;
  readonly offset?: number;
  readonly cursor?: string;
}

export interface TimelinePage {
  readonly events: readonly TimelineEvent[];
  readonly nextCursor: string | undefined;
}

/** Everything that a person did, newest first, whichever of their visitors it was stamped with. */
export async function visitorTimeline(
  context: Context,
  workspace: Workspace,
  id: string,
  input: TimelineInput = {},
): Promise<TimelinePage | undefined> {
  const { db } = context.database;
  const root = isUuid(id) ? await findRoot(db, workspace.id, id) : undefined;
  if (root === undefined) return undefined;
  const members = (await findMembers(db, workspace.id, [root])).get(root) ?? [];
  const limit = input.limit ?? 50;
  const before = input.cursor === undefined ? undefined : readCursor(input.cursor);
  const events = await findTimeline(db, workspace.id, members, {
    limit: limit + 1,
    ...(input.offset === undefined ? {} : { offset: input.offset }),
    ...(before === undefined ? {} : { before }),
  });
  const page = events.slice(0, limit);
  const last = page.at(-1);
  return {
    events: page,
    nextCursor:
      events.length > limit && last !== undefined
        ? `${last.occurredAt.getTime()}_${last.id}`
        : undefined,
  };
}

function readCursor(cursor: string): { readonly at: Date; readonly id: string } | undefined {
  const [time, id] = cursor.split('_');
  const at = new Date(Number(time));
  return id !== undefined && isUuid(id) && !Number.isNaN(at.getTime()) ? { at, id } : undefined;
}
