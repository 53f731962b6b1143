import type { Context } from '../context.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findPerson } from './person-store.ts';

/** The visitors that are one person now, by the id of any of them; `undefined` where there is none. */
export async function membersOfPerson(
  context: Context,
  workspace: Workspace,
  visitorId: string,
): Promise<readonly string[] | undefined> {
  return (await findPerson(context.database.db, workspace.id, visitorId))?.members;
}
