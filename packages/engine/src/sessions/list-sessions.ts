import type { Context } from '../context.ts';
import { cutPage, readPage, readTimeCursor, timeCursorOf } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { visitorNotFound } from '../visitors/identify-visitor.ts';
import type { VisitorNotFound } from '../visitors/identify-visitor.ts';
import { membersOfPerson } from '../visitors/members-of-person.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findSessions } from './session-list-store.ts';
import type { Session } from './session.ts';

export interface SessionPage {
  readonly sessions: readonly Session[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** The visits of a person, newest first, 50 to a page, on whichever of their devices. */
export async function listSessions(
  context: Context,
  workspace: Workspace,
  visitorId: string,
  input: PageInput = {},
): Promise<Result<SessionPage, InvalidQuery | VisitorNotFound>> {
  const page = readPage(input, 50, readTimeCursor);
  if (!page.ok) return page;
  const members = await membersOfPerson(context, workspace, visitorId);
  if (members === undefined) return visitorNotFound();
  const { limit } = page.value;
  const found = await findSessions(context.database, workspace.id, members, {
    ...page.value,
    limit: limit + 1,
  });
  const { rows, nextCursor } = cutPage(found, limit, (session) =>
    timeCursorOf({ id: session.id, occurredAt: session.startedAt }),
  );
  return ok({ sessions: rows, nextCursor });
}
