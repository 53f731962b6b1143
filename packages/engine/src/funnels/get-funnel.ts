import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { refuse } from '../kernel/result.ts';
import type { Refusal } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findFunnel } from './funnel-store.ts';
import type { Funnel } from './funnel.ts';

export type FunnelNotFound = Refusal & { readonly code: 'funnel_not_found' };

/** A funnel, archived or not; `undefined` where the workspace has none with the id. */
export async function getFunnel(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<Funnel | undefined> {
  return isUuid(id) ? findFunnel(context.database.db, workspace.id, id) : undefined;
}

export function funnelNotFound(): FunnelNotFound {
  return refuse('funnel_not_found', 'Funnel not found.');
}
