import type { Context } from '../context.ts';
import type { Domain } from './domain.ts';
import { selectDomains } from './domain-store.ts';
import type { Workspace } from './workspace.ts';

/** The hosts that a workspace has claimed, proven or not. */
export function listDomains(context: Context, workspace: Workspace): Promise<Domain[]> {
  return selectDomains(context.database.db, workspace.id);
}
