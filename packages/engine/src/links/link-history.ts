import type { Context } from '../context.ts';
import { changedFields } from '../audit/audit-entry.ts';
import type { FieldChange } from '../audit/audit-entry.ts';
import { isUuid } from '../kernel/id.ts';
import { cutPage, readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { WriteOptions } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findLink } from './link-store.ts';
import { findLinkVersion, selectLinkVersions } from './link-version-store.ts';
import type { LinkVersion, StoredSnapshot } from './link-version-store.ts';
import { emptyLink } from './link.ts';
import type { Link, LinkChanges, LinkFields } from './link.ts';
import { linkNotFound, updateLink } from './update-link.ts';
import type { UpdateLinkRefusal } from './update-link.ts';

export interface ToldVersion extends Omit<LinkVersion, 'snapshot'> {
  /** What this change changed: against the version before; the first one says all that it has. */
  readonly changes: Readonly<Record<string, FieldChange>>;
  /** The link as it was after it, by the names of the API. */
  readonly snapshot: StoredSnapshot;
}

export type LinkVersionNotFound = Refusal & { readonly code: 'link_version_not_found' };
export type RollBackLinkRefusal = UpdateLinkRefusal | LinkVersionNotFound;

/** What was done to a link, newest first. */
export async function linkHistory(
  context: Context,
  workspace: Workspace,
  linkId: string,
  input: PageInput = {},
): Promise<
  Result<
    { readonly versions: readonly ToldVersion[]; readonly nextCursor: string | undefined },
    InvalidQuery | ReturnType<typeof linkNotFound>
  >
> {
  const page = readPage(input, 50, readIdCursor);
  if (!page.ok) return page;
  const { db } = context.database;
  const link = isUuid(linkId) ? await findLink(db, workspace.id, linkId) : undefined;
  if (link === undefined) return linkNotFound();
  const { limit } = page.value;
  const found = await selectLinkVersions(db, workspace.id, link.id, {
    ...page.value,
    limit: limit + 1,
  });
  const { rows, nextCursor } = cutPage(found, limit, ({ id }) => id);
  const versions = rows.map((version, index): ToldVersion => {
    const before = found[index + 1]?.snapshot;
    const snapshot = tell(version.snapshot);
    return { ...version, snapshot, changes: changedFields(before ? tell(before) : {}, snapshot) };
  });
  return ok({ versions, nextCursor });
}

/**
 * Gives a link the settings back that it had in a version: an update like any other, with a version of its own. Its
 * domain, key and password stay.
 */
export async function rollBackLink(
  context: Context,
  workspace: Workspace,
  { linkId, versionId }: { readonly linkId: string; readonly versionId: string },
  options?: WriteOptions,
): Promise<Result<Link, RollBackLinkRefusal>> {
  const { database } = context;
  const db = options?.tx === undefined ? database.db : database.join(options.tx);
  if (!isUuid(linkId) || (await findLink(db, workspace.id, linkId)) === undefined)
    return linkNotFound();
  const version = isUuid(versionId)
    ? await findLinkVersion(db, workspace.id, linkId, versionId)
    : undefined;
  if (version === undefined)
    return refuse('link_version_not_found', 'This link has no such version.');
  return updateLink(context, workspace, linkId, toChanges(version.snapshot), options);
}

/** Columns that say how a link is, not how it was set. */
const notSettings = new Set(['workspace_id', 'id', 'created_at', 'updated_at', 'is_down']);

function tell(snapshot: StoredSnapshot): StoredSnapshot {
  return Object.fromEntries(
    Object.entries(snapshot).filter(([column]) => !notSettings.has(column)),
  );
}

/** A field that the version does not know yet was empty then. */
function toChanges(snapshot: StoredSnapshot): LinkChanges {
  const names = Object.keys(emptyLink) as Array<keyof LinkFields>;
  const entries = names.map((name) => {
    const column = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const value = snapshot[column] ?? null;
    return [name, name === 'expiresAt' && typeof value === 'string' ? new Date(value) : value];
  });
  const fields = Object.fromEntries(entries) as LinkChanges;
  // Changing the type lets go of the partner, and says so only where it was given none.
  return fields.linkType === 'referral' ? fields : { ...fields, partnerId: null };
}
