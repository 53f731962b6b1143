import type { Context } from '../context.ts';
import { insertChange } from '../store/change-log.ts';
import type { Tx } from '../store/database.ts';
import { tellEndpoints } from '../webhooks/tell-endpoints.ts';
import type { Link } from './link.ts';
import { shortUrl } from './short-url.ts';

/**
 * Tells the other processes, with the commit of what was written, that they remember an old link, and webhooks what was
 * done to it.
 */
export async function publishLinkChange(
  context: Context,
  tx: Tx,
  link: Link,
  type: 'link.created' | 'link.updated' | 'link.archived' | 'link.restored',
): Promise<void> {
  await insertChange(tx, {
    workspaceId: link.workspaceId,
    id: context.createId(context.clock.now()),
    topic: 'link',
    subject: subjectOf(link),
    at: new Date(context.clock.now()),
  });
  const data = {
    id: link.id,
    domain: link.domain,
    key: link.key,
    short_url: shortUrl(link, context.options.links?.scheme),
    url: link.url,
    link_type: link.linkType,
    tags: link.tags,
    external_id: link.externalId,
    expires_at: link.expiresAt?.toISOString() ?? null,
    archived_at: link.archivedAt?.toISOString() ?? null,
    updated_at: link.updatedAt.toISOString(),
  };
  await tellEndpoints(context, tx, link.workspaceId, { type, linkIds: [link.id], data });
}

/** Tells this process at once, after the write. */
export function announceLinkChange(context: Context, link: Link): void {
  context.changeLog.announce({
    workspaceId: link.workspaceId,
    topic: 'link',
    subject: subjectOf(link),
  });
}

function subjectOf(link: Link): Record<string, unknown> {
  return { domain: link.domain, key: link.key, id: link.id };
}
