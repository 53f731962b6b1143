import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { normaliseHost } from '../workspaces/domain.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findLink, findLinkByExternalId, findLinkByKey } from './link-store.ts';
import type { Link } from './link.ts';

/** The link with this id, archived or not. */
export async function getLink(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<Link | undefined> {
  return isUuid(id) ? findLink(context.database.db, workspace.id, id) : undefined;
}

/** The link that this domain and key lead to now. */
export async function getLinkByKey(
  context: Context,
  workspace: Workspace,
  domain: string,
  key: string,
): Promise<Link | undefined> {
  const host = normaliseHost(domain);
  return host === undefined
    ? undefined
    : findLinkByKey(context.database.db, workspace.id, host, key);
}

/** The link that is not archived and has this external id. */
export async function getLinkByExternalId(
  context: Context,
  workspace: Workspace,
  externalId: string,
): Promise<Link | undefined> {
  return findLinkByExternalId(context.database.db, workspace.id, externalId);
}
