import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findMembers, findPath, findPeople, findRoot } from './person-store.ts';
import type { PathTouch, Visitor } from './visitor.ts';

/** A path longer than this is cut after its oldest touches. */
const pathMax = 1_000;

export interface VisitorAttribution {
  readonly visitor: Visitor;
  /** Oldest first. */
  readonly path: readonly PathTouch[];
}

/** The way that a person came: every touch of every visitor that is this person. */
export async function visitorAttribution(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<VisitorAttribution | undefined> {
  const { db } = context.database;
  const root = isUuid(id) ? await findRoot(db, workspace.id, id) : undefined;
  if (root === undefined) return undefined;
  const members = (await findMembers(db, workspace.id, [root])).get(root) ?? [];
  const [[visitor], path] = await Promise.all([
    findPeople(db, workspace, [root]),
    findPath(db, workspace.id, members, pathMax),
  ]);
  return visitor === undefined ? undefined : { visitor, path };
}
