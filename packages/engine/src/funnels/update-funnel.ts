import { changedFields } from '../audit/audit-entry.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { checkFunnel, funnelNameTaken } from './create-funnel.ts';
import type { CreateFunnelRefusal, FunnelInput } from './create-funnel.ts';
import { lockFunnel, updateFunnelRow } from './funnel-store.ts';
import type { Funnel } from './funnel.ts';
import { funnelNotFound } from './get-funnel.ts';
import type { FunnelNotFound } from './get-funnel.ts';

/** What is left out stays; `null` empties the description. */
export type FunnelChanges = {
  readonly [Field in keyof FunnelInput]?: FunnelInput[Field] | undefined;
};

export type UpdateFunnelRefusal =
  | CreateFunnelRefusal
  | FunnelNotFound
  | (Refusal & { readonly code: 'funnel_archived' });

/** Changes what is given. Nothing of a report is stored, so the next one is by the new definition. */
export async function updateFunnel(
  context: Context,
  workspace: Workspace,
  id: string,
  changes: FunnelChanges,
  options?: WriteOptions,
): Promise<Result<Funnel, UpdateFunnelRefusal>> {
  if (!isUuid(id)) return funnelNotFound();
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<Funnel, UpdateFunnelRefusal>> => {
      const before = await lockFunnel(tx, workspace.id, id);
      if (before === undefined) return funnelNotFound();
      if (before.archivedAt !== null)
        return refuse('funnel_archived', 'An archived funnel cannot be changed.');
      const {
        name = before.name,
        description = before.description,
        steps = before.steps,
        window = before.window,
        scope = before.scope,
        filters = before.filters,
      } = changes;
      const checked = checkFunnel({ name, description, steps, window, scope, filters });
      if (!checked.ok) return refuseFields(checked.errors);
      const updatedAt = new Date(context.clock.now());
      const funnel: Funnel = { ...before, ...checked.value, updatedAt };
      if (!(await updateFunnelRow(tx, funnel))) return funnelNameTaken();
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'funnel.updated',
        subject: { type: 'funnel', id: id },
        changes: changedFields({ ...before, updatedAt: 0 }, { ...funnel, updatedAt: 0 }),
      });
      return ok(funnel);
    },
  );
}
