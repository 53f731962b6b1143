import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { hashIdentifier } from './hash-identifier.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { normaliseIdentifier } from './normalise-identifier.ts';
import { findPeople, findRoot } from './person-store.ts';
import type { Visitor } from './visitor.ts';

/** The person that a visitor belongs to now; `undefined` where there is none. */
export async function getVisitor(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<Visitor | undefined> {
  if (!isUuid(id)) return undefined;
  const root = await findRoot(context.database.db, workspace.id, id);
  if (root === undefined) return undefined;
  return (await findPeople(context.database.db, workspace, [root]))[0];
}

/** The person with the host's own id. */
export async function findVisitorByExternalId(
  context: Context,
  workspace: Workspace,
  externalId: string,
): Promise<Visitor | undefined> {
  const value = normaliseIdentifier({ kind: 'external_id', value: externalId }, workspace.settings);
  if (value === undefined) return undefined;
  const row = await context.database.db
    .selectFrom('identity')
    .select('visitor_id')
    .where('workspace_id', '=', workspace.id)
    .where('kind', '=', 'external_id')
    .where('value_hash', '=', hashIdentifier(workspace, 'external_id', value))
    .executeTakeFirst();
  return row === undefined ? undefined : getVisitor(context, workspace, row.visitor_id);
}
