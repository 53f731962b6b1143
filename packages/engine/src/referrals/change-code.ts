import { changedFields } from '../audit/audit-entry.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { endMintedLink } from '../links/mint-link.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { lockCode, showCode, updateCodeRow } from './code-store.ts';
import type { CodeRow } from './code-store.ts';
import { changeCode, reporter } from './create-code.ts';
import type { CodeFields } from './create-code.ts';
import type { ReferralCode } from './referral-code.ts';

export type CodeNotFound = Refusal & { readonly code: 'code_not_found' };

/** Changes what is given; the code itself, its creator and its uses never change. */
export async function updateCode(
  context: Context,
  workspace: Workspace,
  id: string,
  fields: CodeFields,
  options?: WriteOptions,
): Promise<Result<ReferralCode, CodeNotFound | ValidationRefusal>> {
  return change(context, workspace, id, options, fields, () => ({}));
}

/** Takes a code away and frees its text; its short link ends too. Its redemptions and referrals stay; doing it again changes nothing. */
export async function archiveCode(
  context: Context,
  workspace: Workspace,
  id: string,
  options?: WriteOptions,
): Promise<Result<ReferralCode, CodeNotFound>> {
  const archived = await change(context, workspace, id, options, {}, (now) => ({
    archivedAt: now,
  }));
  // Nothing is changed that could break a rule.
  return archived.ok ? archived : codeNotFound();
}

async function change(
  context: Context,
  workspace: Workspace,
  id: string,
  options: WriteOptions | undefined,
  fields: CodeFields,
  more: (now: Date) => { readonly archivedAt?: Date },
): Promise<Result<ReferralCode, CodeNotFound | ValidationRefusal>> {
  if (!isUuid(id)) return codeNotFound();
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<ReferralCode, CodeNotFound | ValidationRefusal>> => {
      const before = await lockCode(tx, workspace.id, id);
      if (before === undefined) return codeNotFound();
      const now = new Date(context.clock.now());
      const added = more(now);
      if (before.archivedAt !== null)
        return added.archivedAt === undefined ? codeNotFound() : ok(showCode(before));
      const errors: Record<string, string[]> = {};
      const report = reporter(errors);
      const changed = changeCode(workspace, fields, now.getTime(), report);
      if (changed.usesMax !== undefined && changed.usesMax < before.uses)
        report('usesMax', `must not be less than the ${before.uses} uses that there are`);
      if (Object.keys(errors).length > 0) return refuseFields(errors);
      const row = { ...before, ...changed, ...added, updatedAt: now };
      await updateCodeRow(tx, row);
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: `referral_code.${row.archivedAt === null ? 'updated' : 'archived'}`,
        subject: { type: 'referral_code', id: row.id },
        changes: changedFields(told(before), told(row)),
      });
      if (row.archivedAt !== null) await endMintedLink(context, tx, workspace, row.linkId);
      return ok(showCode(row));
    },
  );
}

/** What says nothing of the people whose code it is. */
function told({ active, usesMax, expiresAt }: CodeRow) {
  return { active, usesMax, expiresAt };
}

export function codeNotFound(): CodeNotFound {
  return refuse('code_not_found', 'No referral code has this id or text');
}
