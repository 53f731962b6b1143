import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { lockFunnel, updateFunnelRow } from './funnel-store.ts';
import type { Funnel } from './funnel.ts';
import { funnelNotFound } from './get-funnel.ts';
import type { FunnelNotFound } from './get-funnel.ts';

/** Puts a funnel away and frees its name; it can still be asked. Doing it again changes nothing. */
export async function archiveFunnel(
  context: Context,
  workspace: Workspace,
  id: string,
  options?: WriteOptions,
): Promise<Result<Funnel, FunnelNotFound>> {
  if (!isUuid(id)) return funnelNotFound();
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<Funnel, FunnelNotFound>> => {
      const before = await lockFunnel(tx, workspace.id, id);
      if (before === undefined) return funnelNotFound();
      if (before.archivedAt !== null) return ok(before);
      const now = new Date(context.clock.now());
      const funnel: Funnel = { ...before, archivedAt: now, updatedAt: now };
      await updateFunnelRow(tx, funnel);
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'funnel.archived',
        subject: { type: 'funnel', id: id },
      });
      return ok(funnel);
    },
  );
}
