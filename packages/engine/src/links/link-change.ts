import { changedFields, givenFields } from '../audit/audit-entry.ts';
import type { FieldChange } from '../audit/audit-entry.ts';
import { recordAudits } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { withoutToken } from '../invitations/invitation-url.ts';
import { insertChanges } from '../store/change-log.ts';
import type { Tx } from '../store/database.ts';
import { tellEndpointsOfAll } from '../webhooks/tell-endpoints.ts';
import { insertLinkVersions } from './link-version-store.ts';
import { emptyLink } from './link.ts';
import type { Link, LinkFields } from './link.ts';
import { shortUrl } from './short-url.ts';

export type LinkChangeType =
  | 'link.created'
  | 'link.updated'
  | 'link.archived'
  | 'link.restored'
  | 'link.down'
  | 'link.up';

export interface LinkChange {
  readonly link: Link;
  /** What it was before an update. */
  readonly before?: Link | undefined;
}

/**
 * Tells the other processes, with the commit of what was written, that they remember an old link, and webhooks what was
 * done to it; keeps the link as it is now, and who did it.
 */
export async function publishLinkChange(
  context: Context,
  tx: Tx,
  change: LinkChange,
  type: LinkChangeType,
): Promise<void> {
  await publishLinkChanges(context, tx, [change], type);
}

/** The same for many links of one workspace, in as many statements as for one. */
export async function publishLinkChanges(
  context: Context,
  tx: Tx,
  changes: readonly LinkChange[],
  type: LinkChangeType,
): Promise<void> {
  const workspaceId = changes[0]?.link.workspaceId;
  if (workspaceId === undefined) return;
  const now = context.clock.now();
  const at = new Date(now);
  await insertChanges(
    tx,
    changes.map(({ link }) => ({
      workspaceId,
      id: context.createId(now),
      topic: 'link' as const,
      subject: subjectOf(link),
      at,
    })),
  );
  await insertLinkVersions(
    tx,
    workspaceId,
    changes.map(({ link }) => ({ id: context.createId(now), linkId: link.id })),
    { at, actor: context.actor, action: type },
  );
  await recordAudits(
    context,
    tx,
    workspaceId,
    changes.map((change) => ({
      workspaceId,
      action: type,
      subject: { type: 'link', id: change.link.id },
      changes: fieldsChanged(change, type),
    })),
  );
  await tellEndpointsOfAll(
    context,
    tx,
    workspaceId,
    changes.map(({ link }) => ({ type, linkIds: [link.id], data: messageOf(context, link) })),
  );
}

/** Tells this process at once, after the write. */
export function announceLinkChange(context: Context, link: Link): void {
  context.changeLog.announce({
    workspaceId: link.workspaceId,
    topic: 'link',
    subject: subjectOf(link),
  });
}

function fieldsChanged(
  { link, before }: LinkChange,
  type: LinkChangeType,
): Record<string, FieldChange> {
  if (type === 'link.created')
    return givenFields({ domain: link.domain, key: link.key, ...pickFields(link) });
  return before === undefined ? {} : changedFields(pickFields(before), pickFields(link));
}

/** As it may be shown for a year: an address without the token of an invitation, which would let in whoever reads it. */
function pickFields(link: LinkFields): Record<string, unknown> {
  const fields = Object.keys(emptyLink) as Array<keyof LinkFields>;
  const picked = Object.fromEntries(fields.map((field) => [field, link[field]]));
  const text = JSON.stringify(picked, (_field, value: unknown) =>
    typeof value === 'string' ? withoutToken(value) : value,
  );
  return JSON.parse(text) as Record<string, unknown>;
}

function messageOf(context: Context, link: Link): Record<string, unknown> {
  return {
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
}

function subjectOf(link: Link): Record<string, unknown> {
  return { domain: link.domain, key: link.key, id: link.id };
}
