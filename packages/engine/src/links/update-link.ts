import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { isActivePartner } from '../partners/get-partner.ts';
import { hashPassword } from '../security/password-hash.ts';
import { errorCode, uniqueViolation } from '../store/connection.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { externalIdTaken } from './create-link.ts';
import { appSchemesOf } from './draft-link.ts';
import { findMissingFolders } from './folder-store.ts';
import { announceLinkChange, publishLinkChange } from './link-change.ts';
import { newExactLimits, stampVariants } from './link-routing.ts';
import { deleteSeats } from './link-seat-store.ts';
import { lockLink, updateLinkRow, updatePassword, withSavepoint } from './link-store.ts';
import { inactivePartner, invalidLink, noSuchFolder } from './link-refusals.ts';
import { changeLink } from './link.ts';
import type { Link, LinkChanges } from './link.ts';

export type UpdateLinkRefusal = Refusal & {
  readonly code: 'invalid_link' | 'external_id_taken' | 'link_not_found' | 'link_archived';
};

/** Changes the fields that are given; `null` empties a field. The domain and the key of a link never change. */
export async function updateLink(
  context: Context,
  workspace: Workspace,
  id: string,
  changes: LinkChanges,
  options?: WriteOptions,
): Promise<Result<Link, UpdateLinkRefusal>> {
  if (!isUuid(id)) return linkNotFound();
  const { password } = changes;
  // Before the transaction: it takes a tenth of a second. What is no password is refused below.
  const passwordHash = typeof password === 'string' ? await hashPassword(password) : null;

  const result = await inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<Link, UpdateLinkRefusal>> => {
      const before = await lockLink(tx, workspace.id, id);
      if (before === undefined) return linkNotFound();
      const revised = reviseLink(context, workspace, before, changes);
      if (!revised.ok) return revised;
      const link = revised.value;
      if (link.folderId !== before.folderId) {
        const missing = await findMissingFolders(tx, workspace.id, [link.folderId]);
        if (missing.size > 0) return noSuchFolder();
      }
      const { partnerId } = link;
      if (
        partnerId !== null &&
        partnerId !== before.partnerId &&
        !(await isActivePartner(tx, workspace.id, partnerId))
      )
        return inactivePartner();
      try {
        if (link.externalId === before.externalId) await updateLinkRow(tx, link);
        else await withSavepoint(tx, () => updateLinkRow(tx, link));
      } catch (error) {
        if (errorCode(error) === uniqueViolation) return externalIdTaken();
        throw error;
      }
      if (password !== undefined) await updatePassword(tx, workspace.id, id, passwordHash);
      await deleteSeats(tx, workspace.id, id, newExactLimits(link.routing, before.routing));
      await publishLinkChange(context, tx, { link, before }, 'link.updated');
      return ok(link);
    },
  );
  if (result.ok) announceLinkChange(context, result.value);
  return result;
}

/** The link after the changes, but for what the database has to say about them. */
export function reviseLink(
  context: Context,
  workspace: Workspace,
  before: Link,
  changes: LinkChanges,
): Result<Link, UpdateLinkRefusal> {
  if (before.archivedAt !== null)
    return refuse('link_archived', 'An archived link cannot be changed.');
  const { fields, errors } = changeLink(before, changes, {
    appSchemes: appSchemesOf(context, workspace),
    domain: before.domain,
    key: before.key,
  });
  for (const field of ['domain', 'key'] as const) {
    const given = (changes as Readonly<Record<string, unknown>>)[field];
    if (given !== undefined && given !== before[field]) errors[field] = ['cannot be changed'];
  }
  if (Object.keys(errors).length > 0) return invalidLink(errors);
  const now = context.clock.now();
  return ok(
    afresh(before, {
      ...before,
      ...fields,
      routing: stampVariants(fields.routing, before.routing, now),
      isProtected: changes.password === undefined ? before.isProtected : changes.password !== null,
      updatedAt: new Date(now),
    }),
  );
}

/** What the checks found of one destination says nothing of another one. */
export function afresh(before: Link, link: Link): Link {
  const isSame = link.url === before.url && link.healthCheck;
  return isSame ? link : { ...link, isDown: false };
}

export function linkNotFound() {
  return refuse('link_not_found', 'Link not found.');
}
