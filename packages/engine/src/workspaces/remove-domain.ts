import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { changeKeyCase, lockKeys } from '../links/change-key-case.ts';
import { insertChange } from '../store/change-log.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import { normaliseHost } from './domain.ts';
import { deleteDomain } from './domain-store.ts';
import type { Workspace } from './workspace.ts';

export type DomainNotFound = Refusal & { readonly code: 'domain_not_found' };

/** Gives a claim up, proven or not. Links on the host stay, and are served again when it is proven again. */
export async function removeDomain(
  context: Context,
  workspace: Workspace,
  input: { readonly host: string },
  options?: WriteOptions,
): Promise<Result<undefined, DomainNotFound>> {
  const host = normaliseHost(input.host) ?? input.host;
  const subject = { host, caseSensitive: true };
  const result = await inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<undefined, DomainNotFound>> => {
      await lockKeys(tx, workspace.id, host);
      if (!(await deleteDomain(tx, workspace.id, host))) return domainNotFound();
      // The choice goes with the claim: the links that stay are like those of a host that nobody has claimed.
      await changeKeyCase(tx, workspace.id, host, true);
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
        action: 'domain.removed',
        subject: { type: 'domain', id: host },
      });
      return ok(undefined);
    },
  );
  if (result.ok)
    context.changeLog.announce({ workspaceId: workspace.id, topic: 'domain', subject });
  return result;
}

export function domainNotFound(): DomainNotFound {
  return refuse('domain_not_found', 'Domain not found');
}
