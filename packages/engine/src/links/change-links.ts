import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { hashPasswords } from './link-passwords.ts';
import { newExactLimits } from './link-routing.ts';
import { deleteSeats } from './link-seat-store.ts';
import { updateLinkRow, updatePassword, withSavepoint } from './link-store.ts';
import { errorCode, uniqueViolation } from '../store/connection.ts';
import { lockLinks } from './link-batch-store.ts';
import { announceLinkChange, publishLinkChanges } from './link-change.ts';
import type { LinkChange } from './link-change.ts';
import { batchLinksMax, tooManyLinks } from './save-links.ts';
import type { TooManyLinks } from './save-links.ts';
import type { Link, LinkChanges } from './link.ts';
import { linkNotFound, reviseLink } from './update-link.ts';
import type { UpdateLinkRefusal } from './update-link.ts';
import { externalIdTaken } from './create-link.ts';
import { findMissingFolders } from './folder-store.ts';
import { inactivePartner, noSuchFolder } from './link-refusals.ts';
import { findInactivePartners } from '../partners/get-partner.ts';

/** What became of one link, in the order in which they were given. */
export type ChangedLink =
  | { readonly outcome: 'updated' | 'archived' | 'unchanged'; readonly link: Link }
  | { readonly outcome: 'refused'; readonly refusal: UpdateLinkRefusal };

/**
 * Changes many links, each in its own way. Each one is judged by itself: a refused one leaves the others alone.
 * The same link twice is changed twice, in the order in which it is given.
 */
export async function updateLinks(
  context: Context,
  workspace: Workspace,
  inputs: ReadonlyArray<{ readonly id: string; readonly changes: LinkChanges }>,
  options?: WriteOptions,
): Promise<Result<readonly ChangedLink[], TooManyLinks>> {
  if (inputs.length > batchLinksMax) return tooManyLinks();
  const passwords = await hashPasswords(inputs.map(({ changes }) => changes));
  const published = new Map<string, Required<LinkChange>>();
  const results = await inTransaction(context.database, options, async (tx) => {
    const ids = inputs.map(({ id }) => id).filter(isUuid);
    const links = new Map(await lockLinks(tx, workspace.id, ids));
    const folders = inputs.map(({ changes }) => changes.folderId ?? null);
    const missing = await findMissingFolders(
      tx,
      workspace.id,
      folders.filter((id) => id === null || isUuid(id)),
    );
    const inactive = await findInactivePartners(
      tx,
      workspace.id,
      inputs
        .map(({ changes }) => changes.partnerId ?? null)
        .filter((id) => id === null || isUuid(id)),
    );
    const changed: ChangedLink[] = [];
    for (const [index, { id, changes }] of inputs.entries())
      changed.push(await change(index, id.toLowerCase(), changes));
    await publishLinkChanges(context, tx, [...published.values()], 'link.updated');
    return changed;

    async function change(index: number, id: string, changes: LinkChanges): Promise<ChangedLink> {
      const before = links.get(id);
      if (before === undefined) return { outcome: 'refused', refusal: linkNotFound() };
      const revised = reviseLink(context, workspace, before, changes);
      if (!revised.ok) return { outcome: 'refused', refusal: revised };
      const link = revised.value;
      if (link.folderId !== null && missing.has(link.folderId))
        return { outcome: 'refused', refusal: noSuchFolder() };
      const { partnerId } = link;
      if (partnerId !== null && partnerId !== before.partnerId && inactive.has(partnerId))
        return { outcome: 'refused', refusal: inactivePartner() };
      try {
        if (link.externalId === before.externalId) await updateLinkRow(tx, link);
        else await withSavepoint(tx, () => updateLinkRow(tx, link));
      } catch (error) {
        if (errorCode(error) !== uniqueViolation) throw error;
        return { outcome: 'refused', refusal: externalIdTaken() };
      }
      const hash = passwords.get(index);
      if (hash !== undefined) await updatePassword(tx, workspace.id, id, hash);
      await deleteSeats(tx, workspace.id, id, newExactLimits(link.routing, before.routing));
      links.set(id, link);
      published.set(id, { link, before: published.get(id)?.before ?? before });
      return { outcome: 'updated', link };
    }
  });
  for (const { link } of published.values()) announceLinkChange(context, link);
  return ok(results);
}

/** Takes many links out of service. Those that are archived already stay as they are. */
export async function archiveLinks(
  context: Context,
  workspace: Workspace,
  ids: readonly string[],
  options?: WriteOptions,
): Promise<Result<readonly ChangedLink[], TooManyLinks>> {
  if (ids.length > batchLinksMax) return tooManyLinks();
  const archived = new Map<string, Link>();
  const results = await inTransaction(context.database, options, async (tx) => {
    const links = new Map(await lockLinks(tx, workspace.id, ids.filter(isUuid)));
    const now = new Date(context.clock.now());
    const changed: ChangedLink[] = [];
    for (const id of ids.map((given) => given.toLowerCase())) {
      const before = links.get(id);
      if (before === undefined) {
        changed.push({ outcome: 'refused', refusal: linkNotFound() });
      } else if (before.archivedAt !== null) {
        changed.push({ outcome: 'unchanged', link: before });
      } else {
        const link = { ...before, archivedAt: now, updatedAt: now };
        await updateLinkRow(tx, link);
        links.set(id, link);
        archived.set(id, link);
        changed.push({ outcome: 'archived', link });
      }
    }
    const changes = [...archived.values()].map((link) => ({ link }));
    await publishLinkChanges(context, tx, changes, 'link.archived');
    return changed;
  });
  for (const link of archived.values()) announceLinkChange(context, link);
  return ok(results);
}
