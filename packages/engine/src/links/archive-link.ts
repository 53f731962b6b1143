import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { announceLinkChange, publishLinkChange } from './link-change.ts';
import { lockLink, updateLinkRow } from './link-store.ts';
import type { Link } from './link.ts';
import { linkNotFound } from './update-link.ts';

export type ArchiveLinkRefusal = Refusal & { readonly code: 'link_not_found' };

/** Takes the link out of service and frees its domain, key and external id. Doing it again changes nothing. */
export async function archiveLink(
  context: Context,
  workspace: Workspace,
  id: string,
  options?: WriteOptions,
): Promise<Result<Link, ArchiveLinkRefusal>> {
  if (!isUuid(id)) return linkNotFound();

  const result = await inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<Link, ArchiveLinkRefusal>> => {
      const before = await lockLink(tx, workspace.id, id);
      if (before === undefined) return linkNotFound();
      if (before.archivedAt !== null) return ok(before);
      const now = new Date(context.clock.now());
      const link: Link = { ...before, archivedAt: now, updatedAt: now };
      await updateLinkRow(tx, link);
      await publishLinkChange(context, tx, { link }, 'link.archived');
      return ok(link);
    },
  );
  if (result.ok) announceLinkChange(context, result.value);
  return result;
}
