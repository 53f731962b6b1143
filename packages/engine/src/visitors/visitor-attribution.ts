import type { Context } from '../context.ts';
import { cutPage, readPage, readTimeCursor, timeCursorOf } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { visitorNotFound } from './identify-visitor.ts';
import type { VisitorNotFound } from './identify-visitor.ts';
import { findPath, findPeople, findPerson } from './person-store.ts';
import type { PathTouch, Visitor } from './visitor.ts';

export interface VisitorAttribution {
  readonly visitor: Visitor;
  /** Oldest first. */
  readonly path: readonly PathTouch[];
  /** Leads to the touches before these; absent where these are the first. */
  readonly nextCursor: string | undefined;
}

/** The way that a person came: the latest touches of every visitor that is this person, 200 to a page. */
export async function visitorAttribution(
  context: Context,
  workspace: Workspace,
  id: string,
  input: PageInput = {},
): Promise<Result<VisitorAttribution, InvalidQuery | VisitorNotFound>> {
  const page = readPage(input, 200, readTimeCursor);
  if (!page.ok) return page;
  const { db } = context.database;
  const person = await findPerson(db, workspace.id, id);
  if (person === undefined) return visitorNotFound();
  const { limit } = page.value;
  const [[visitor], found] = await Promise.all([
    findPeople(db, workspace, [person.root]),
    findPath(db, workspace.id, person.members, { ...page.value, limit: limit + 1 }),
  ]);
  if (visitor === undefined) return visitorNotFound();
  const { rows, nextCursor } = cutPage(found, limit, timeCursorOf);
  return ok({ visitor, path: rows.toReversed(), nextCursor });
}
