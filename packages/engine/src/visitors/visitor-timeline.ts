import type { Context } from '../context.ts';
import { cutPage, readPage, readTimeCursor, timeCursorOf } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { visitorNotFound } from './identify-visitor.ts';
import type { VisitorNotFound } from './identify-visitor.ts';
import { findPerson, findTimeline } from './person-store.ts';
import type { TimelineEvent } from './visitor.ts';

export interface TimelinePage {
  readonly events: readonly TimelineEvent[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** Everything that a person did, newest first, 50 to a page, whichever of their visitors it was stamped with. */
export async function visitorTimeline(
  context: Context,
  workspace: Workspace,
  id: string,
  input: PageInput = {},
): Promise<Result<TimelinePage, InvalidQuery | VisitorNotFound>> {
  const page = readPage(input, 50, readTimeCursor);
  if (!page.ok) return page;
  const { db } = context.database;
  const person = await findPerson(db, workspace.id, id);
  if (person === undefined) return visitorNotFound();
  const { limit } = page.value;
  const found = await findTimeline(db, workspace.id, person.members, {
    ...page.value,
    limit: limit + 1,
  });
  const { rows, nextCursor } = cutPage(found, limit, timeCursorOf);
  return ok({ events: rows, nextCursor });
}
