import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { changeKeyCase, lockKeys } from '../links/change-key-case.ts';
import type { KeysDifferInCase } from '../links/change-key-case.ts';
import { insertChange } from '../store/change-log.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import { normaliseHost } from './domain.ts';
import type { Domain } from './domain.ts';
import { findDomain, updateDomainRow } from './domain-store.ts';
import { domainNotFound } from './remove-domain.ts';
import type { DomainNotFound } from './remove-domain.ts';
import type { Workspace } from './workspace.ts';

export interface UpdateDomainInput {
  readonly host: string;
  /** Whether `Promo` and `promo` are two keys on this host, or one. */
  readonly caseSensitive: boolean;
}

export type UpdateDomainRefusal = DomainNotFound | KeysDifferInCase;

/**
 * Changes how a claimed host reads the keys of its links, for those that are there too. Refused where two live links
 * differ in case alone and would become one.
 */
export async function updateDomain(
  context: Context,
  workspace: Workspace,
  input: UpdateDomainInput,
  options?: WriteOptions,
): Promise<Result<Domain, UpdateDomainRefusal>> {
  const host = normaliseHost(input.host) ?? input.host;
  const { caseSensitive } = input;
  const subject = { host, caseSensitive };
  const result = await inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<Domain, UpdateDomainRefusal>> => {
      await lockKeys(tx, workspace.id, host);
      const before = await findDomain(tx, workspace.id, host);
      if (before === undefined) return domainNotFound();
      if (before.caseSensitive === caseSensitive) return ok(before);
      const changed = await changeKeyCase(tx, workspace.id, host, caseSensitive);
      if (!changed.ok) return changed;
      await updateDomainRow(tx, workspace.id, host, { caseSensitive });
      const at = new Date(context.clock.now());
      await insertChange(tx, {
        workspaceId: workspace.id,
        id: context.createId(at.getTime()),
        topic: 'domain',
        subject,
        at,
      });
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'domain.updated',
        subject: { type: 'domain', id: host },
        changes: { case_sensitive: { from: before.caseSensitive, to: caseSensitive } },
      });
      return ok({ ...before, caseSensitive });
    },
  );
  if (result.ok)
    context.changeLog.announce({ workspaceId: workspace.id, topic: 'domain', subject });
  return result;
}
