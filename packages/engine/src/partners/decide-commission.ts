import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { textProblem } from '../kernel/json-limits.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { reporter } from '../referrals/create-code.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { lockCommissions } from './commission-progress-store.ts';
import { findCommission, updateCommission } from './commission-store.ts';
import { createCustomerStore } from './customer-store.ts';
import { commissionNotFound, showCommission } from './list-commissions.ts';
import type { CommissionNotFound, CommissionNow } from './list-commissions.ts';
import { selectProgramVersions } from './program-store.ts';
import { settlePeople } from './settle-commissions.ts';

export interface DecideCommissionInput {
  readonly decision: 'approved' | 'rejected';
  /** Why; at most 1,000 characters. */
  readonly note?: string | undefined;
}

const noteLengthMax = 1_000;

/**
 * Says that a commission is good, or that it is none; whoever decides may change their mind. What it is worth follows at
 * once.
 */
export async function decideCommission(
  context: Context,
  workspace: Workspace,
  id: string,
  { decision, note }: DecideCommissionInput,
  options?: WriteOptions & { readonly actor?: string | undefined },
): Promise<Result<CommissionNow, ValidationRefusal | CommissionNotFound>> {
  const errors: Record<string, string[]> = {};
  const report = reporter(errors);
  if (!['approved', 'rejected'].includes(decision))
    report('decision', 'must be approved or rejected');
  if (note !== undefined && (typeof note !== 'string' || note.length > noteLengthMax))
    report('note', `must have at most ${noteLengthMax} characters`);
  else if (note !== undefined) report('note', textProblem(note));
  if (Object.keys(errors).length > 0) return refuseFields(errors);
  if (!isUuid(id)) return commissionNotFound();
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<CommissionNow, CommissionNotFound>> => {
      await lockCommissions(tx, workspace.id);
      const before = await findCommission(tx, workspace.id, id);
      if (before === undefined) return commissionNotFound();
      await updateCommission(tx, workspace.id, {
        ...before,
        decision,
        decidedAt: new Date(context.clock.now()),
        decidedBy: options?.actor ?? null,
        note: note ?? null,
      });
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'commission.decided',
        subject: { type: 'commission', id: before.id },
        changes: { decision: { from: before.decision, to: decision } },
      });
      if (before.visitorId !== null) {
        const store = createCustomerStore(context.database.schema);
        const roots = await store.selectRootsOf(tx, workspace.id, [before.visitorId]);
        const versions = await selectProgramVersions(tx, workspace.id);
        const programs = Map.groupBy(versions, (program) => program.id);
        await settlePeople(context, tx, workspace, programs, roots);
      }
      const after = await findCommission(tx, workspace.id, id);
      return ok(showCommission(context, after ?? before));
    },
  );
}
