import type { Context } from '../context.ts';
import type { Identifier } from '../ingest/event.ts';
import { hashIdentifier } from '../visitors/hash-identifier.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { selectStanding } from './link-seat-store.ts';

export interface Standing {
  /** This link, before. */
  readonly hasFollowed: boolean;
  /** Has bought something. */
  readonly isCustomer: boolean;
}

/** What is known of a person whom a request names by its cookie. */
export function readStanding(
  context: Pick<Context, 'database'>,
  workspace: Workspace,
  { visitor, linkId }: { readonly visitor: Identifier; readonly linkId: string },
): Promise<Standing> {
  const hash = hashIdentifier(workspace, visitor.kind, visitor.value);
  return selectStanding(context.database.db, workspace.id, { kind: visitor.kind, hash, linkId });
}
