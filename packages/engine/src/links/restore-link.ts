import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { errorCode, uniqueViolation } from '../store/connection.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { externalIdTaken, keyTaken } from './create-link.ts';
import { holdKeyCase } from './key-case-store.ts';
import { announceLinkChange, publishLinkChange } from './link-change.ts';
import { findLink, findLinkByKey, lockLink, updateLinkRow, withSavepoint } from './link-store.ts';
import type { Link } from './link.ts';
import { linkNotFound } from './update-link.ts';

export type RestoreLinkRefusal = Refusal & {
  readonly code: 'link_not_found' | 'link_key_taken' | 'external_id_taken';
};

/**
 * Puts an archived link back into service, with the domain, key and external id that it had. Refused where another
 * link has taken one of them meanwhile. Doing it again changes nothing.
 */
export async function restoreLink(
  context: Context,
  workspace: Workspace,
  id: string,
  options?: WriteOptions,
): Promise<Result<Link, RestoreLinkRefusal>> {
  if (!isUuid(id)) return linkNotFound();

  const result = await inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<Link, RestoreLinkRefusal>> => {
      const found = await findLink(tx, workspace.id, id);
      if (found === undefined) return linkNotFound();
      const caseSensitive = await holdKeyCase(tx, workspace.id, found.domain);
      const before = await lockLink(tx, workspace.id, id);
      if (before === undefined) return linkNotFound();
      if (before.archivedAt === null) return ok(before);

      const updatedAt = new Date(context.clock.now());
      const link: Link = { ...before, caseSensitive, archivedAt: null, updatedAt };
      try {
        await withSavepoint(tx, () => updateLinkRow(tx, link));
      } catch (error) {
        if (errorCode(error) === uniqueViolation) return explainConflict(tx, link);
        throw error;
      }
      await publishLinkChange(context, tx, { link }, 'link.restored');
      return ok(link);
    },
  );
  if (result.ok) announceLinkChange(context, result.value);
  return result;
}

async function explainConflict(tx: Tx, link: Link): Promise<RestoreLinkRefusal> {
  const rival = await findLinkByKey(tx, link.workspaceId, link.domain, link.key);
  return rival === undefined ? externalIdTaken() : keyTaken();
}
