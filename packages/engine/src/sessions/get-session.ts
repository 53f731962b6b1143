import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { cutPage, readPage, readTimeCursor, timeCursorOf } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { TimelineEvent } from '../visitors/visitor.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findSession, findSessionEvents } from './session-list-store.ts';
import type { Session } from './session.ts';

export type SessionNotFound = Refusal & { readonly code: 'session_not_found' };

export interface SessionWithEvents {
  readonly session: Session;
  /** Newest first. */
  readonly events: readonly TimelineEvent[];
  /** Where the events go on; absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** One visit with what happened in it, newest first, 50 events to a page. */
export async function getSession(
  context: Context,
  workspace: Workspace,
  id: string,
  input: PageInput = {},
): Promise<Result<SessionWithEvents, InvalidQuery | SessionNotFound>> {
  const page = readPage(input, 50, readTimeCursor);
  if (!page.ok) return page;
  const session = isUuid(id) ? await findSession(context.database, workspace.id, id) : undefined;
  if (session === undefined) return refuse('session_not_found', 'Session not found');
  const { limit } = page.value;
  const found = await findSessionEvents(context.database, workspace.id, session, {
    ...page.value,
    limit: limit + 1,
  });
  const { rows, nextCursor } = cutPage(found, limit, timeCursorOf);
  return ok({ session, events: rows, nextCursor });
}
