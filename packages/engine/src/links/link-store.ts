import { sql } from 'kysely';
import type { Insertable, Selectable } from 'kysely';

import type { Page, TimeCursor } from '../kernel/page.ts';
import type { ClickedLink } from '../sources/arrival.ts';
import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { Link, LinkFields } from './link.ts';

/** `false` where another link has the key or the external id: nothing is written, and the transaction stays good. */
export async function insertLink(tx: Tx, link: Link): Promise<boolean> {
  const row = await tx
    .insertInto('link')
    .values(toRow(link))
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function findLink(db: Db, workspaceId: string, id: string): Promise<Link | undefined> {
  const row = await db
    .selectFrom('link')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && toLink(row);
}

/** Those of the ids that are links of the workspace, archived or not, with what they say of where they are put. */
export async function findLinkTags(
  db: Db,
  workspaceId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ClickedLink>> {
  const rows = await db
    .selectFrom('link')
    .select([
      'id',
      'link_type',
      'utm_source',
      'utm_medium',
      'utm_campaign',
      'utm_content',
      'utm_term',
    ])
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', sql<string>`any(${[...ids]}::uuid[])`)
    .execute();
  return new Map(
    rows.map((row) => [
      row.id,
      {
        linkType: row.link_type,
        utmSource: row.utm_source,
        utmMedium: row.utm_medium,
        utmCampaign: row.utm_campaign,
        utmContent: row.utm_content,
        utmTerm: row.utm_term,
      },
    ]),
  );
}

/**
 * The link that a domain and key lead to now; archived links lead nowhere. Each half has an index of its own, and the
 * second one is asked only where the first one has found nothing.
 */
export async function findLinkByKey(
  db: Db,
  workspaceId: string,
  domain: string,
  key: string,
): Promise<Link | undefined> {
  const live = db
    .selectFrom('link')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('domain', '=', domain)
    .where('archived_at', 'is', null);
  const row = await live
    .where('key', '=', key)
    .unionAll(live.where(sql<boolean>`not case_sensitive and lower(key) = lower(${key})`))
    .limit(1)
    .executeTakeFirst();
  return row && toLink(row);
}

/** The same, and whether the partner of a referral link may earn on it now: what a redirect asks. */
export async function findLiveLink(
  db: Db,
  workspaceId: string,
  domain: string,
  key: string,
): Promise<(Link & { readonly isPaused: boolean }) | undefined> {
  const link = await findLinkByKey(db, workspaceId, domain, key);
  if (link === undefined) return undefined;
  // Links from before partners were required have none.
  if (link.linkType !== 'referral' || link.partnerId === null) return { ...link, isPaused: false };
  const partner = await db
    .selectFrom('partner')
    .select('status')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', link.partnerId)
    .executeTakeFirst();
  return { ...link, isPaused: partner?.status !== 'active' };
}

/** What processes remember the links of a partner by. */
export async function selectLiveLinksOfPartner(
  db: Db,
  workspaceId: string,
  partnerId: string,
): Promise<ReadonlyArray<{ readonly domain: string; readonly key: string; readonly id: string }>> {
  return db
    .selectFrom('link')
    .select(['domain', 'key', 'id'])
    .where('workspace_id', '=', workspaceId)
    .where('partner_id', '=', partnerId)
    .where('archived_at', 'is', null)
    .execute();
}

export async function findLinkByExternalId(
  db: Db,
  workspaceId: string,
  externalId: string,
): Promise<Link | undefined> {
  const row = await db
    .selectFrom('link')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('external_id', '=', externalId)
    .where('archived_at', 'is', null)
    .executeTakeFirst();
  return row && toLink(row);
}

export async function lockLink(tx: Tx, workspaceId: string, id: string): Promise<Link | undefined> {
  const row = await tx
    .selectFrom('link')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row && toLink(row);
}

/** @throws unique violation (SQLSTATE 23505) when another live link has the external id, or domain and key. */
export async function updateLinkRow(tx: Tx, link: Link): Promise<void> {
  await tx
    .updateTable('link')
    .set({
      ...toColumns(link),
      case_sensitive: link.caseSensitive,
      is_down: link.isDown,
      archived_at: link.archivedAt,
      updated_at: link.updatedAt,
    })
    .where('workspace_id', '=', link.workspaceId)
    .where('id', '=', link.id)
    .execute();
}

/** Runs `work` so that its failure leaves the transaction around it good. */
export async function withSavepoint<T>(tx: Tx, work: () => Promise<T>): Promise<T> {
  await sql`savepoint hw_link`.execute(tx);
  try {
    const value = await work();
    await sql`release savepoint hw_link`.execute(tx);
    return value;
  } catch (error) {
    await sql`rollback to savepoint hw_link`.execute(tx);
    await sql`release savepoint hw_link`.execute(tx);
    throw error;
  }
}

/** Whether the workspace has proved that the host is its own. Read in the caller's transaction. */
export async function isVerifiedDomain(
  db: Db,
  workspaceId: string,
  host: string,
): Promise<boolean> {
  const row = await db
    .selectFrom('domain')
    .select('host')
    .where('workspace_id', '=', workspaceId)
    .where('host', '=', host)
    .where('verified_at', 'is not', null)
    .executeTakeFirst();
  return row !== undefined;
}

export interface CounterRow {
  readonly linkId: string;
  readonly clicks: number;
  readonly uniqueClicks: number;
  readonly machineClicks: number;
  readonly leads: number;
  readonly sales: number;
}

export async function selectCounters(
  db: Db,
  workspaceId: string,
  linkIds: readonly string[],
): Promise<CounterRow[]> {
  const rows = await db
    .selectFrom('link_counter')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('link_id', 'in', linkIds)
    .execute();
  return rows.map((row) => ({
    linkId: row.link_id,
    clicks: Number(row.clicks),
    uniqueClicks: Number(row.unique_clicks),
    machineClicks: Number(row.machine_clicks),
    leads: Number(row.leads),
    sales: Number(row.sales),
  }));
}

export async function selectRevenue(
  db: Db,
  workspaceId: string,
  linkIds: readonly string[],
): Promise<{ readonly linkId: string; readonly currency: string; readonly amountMinor: bigint }[]> {
  const rows = await db
    .selectFrom('link_revenue')
    .select(['link_id', 'currency', 'amount_minor'])
    .where('workspace_id', '=', workspaceId)
    .where('link_id', 'in', linkIds)
    .orderBy('currency')
    .execute();
  return rows.map((row) => ({
    linkId: row.link_id,
    currency: row.currency,
    amountMinor: row.amount_minor,
  }));
}

export interface LinkClick {
  readonly id: string;
  readonly occurredAt: Date;
  /** The visitor that the click was stamped with; machines have none. */
  readonly visitorId: string | null;
  readonly url: string | null;
  readonly referrer: string | null;
  readonly userAgent: string | null;
  /** Truncated before it was stored: /24 or /48. */
  readonly ipPrefix: string | null;
  readonly machine: string | null;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Newest first. */
export async function selectLinkClicks(
  db: Db,
  workspaceId: string,
  linkId: string,
  page: Page<TimeCursor> & { readonly machines: boolean },
): Promise<LinkClick[]> {
  let query = db
    .selectFrom('event')
    .leftJoin('session', (join) =>
      join
        .onRef('session.workspace_id', '=', 'event.workspace_id')
        .onRef('session.id', '=', 'event.session_id'),
    )
    .select([
      'event.id',
      'event.occurred_at',
      'event.visitor_id',
      'event.url',
      'event.referrer',
      'event.machine',
      'event.properties',
      'session.user_agent',
      'session.ip_prefix',
    ])
    .where('event.workspace_id', '=', workspaceId)
    .where('event.link_id', '=', linkId)
    .where('event.type', '=', 'link_click');
  if (!page.machines) query = query.where('event.machine', 'is', null);
  const { before } = page;
  if (before !== undefined)
    query = query.where((eb) =>
      eb(eb.refTuple('event.occurred_at', 'event.id'), '<', eb.tuple(before.at, before.id)),
    );
  const rows = await query
    .orderBy('event.occurred_at', 'desc')
    .orderBy('event.id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    occurredAt: row.occurred_at,
    visitorId: row.visitor_id,
    url: row.url,
    referrer: row.referrer,
    userAgent: row.user_agent,
    ipPrefix: row.ip_prefix,
    machine: row.machine,
    properties: row.properties ?? {},
  }));
}

/** A new link as it is stored. */
export function toRow(link: Link): Insertable<Tables['link']> {
  return {
    workspace_id: link.workspaceId,
    id: link.id,
    domain: link.domain,
    key: link.key,
    case_sensitive: link.caseSensitive,
    ...toColumns(link),
    archived_at: link.archivedAt,
    created_at: link.createdAt,
    updated_at: link.updatedAt,
  };
}

function toColumns(fields: LinkFields) {
  return {
    url: fields.url,
    link_type: fields.linkType,
    partner_id: fields.partnerId,
    utm_source: fields.utmSource,
    utm_medium: fields.utmMedium,
    utm_campaign: fields.utmCampaign,
    utm_content: fields.utmContent,
    utm_term: fields.utmTerm,
    ios_url: fields.iosUrl,
    android_url: fields.androidUrl,
    geo_targeting: JSON.stringify(fields.geoTargeting),
    og_title: fields.ogTitle,
    og_description: fields.ogDescription,
    og_image: fields.ogImage,
    tags: [...fields.tags],
    external_id: fields.externalId,
    metadata: JSON.stringify(fields.metadata),
    expires_at: fields.expiresAt,
    folder_id: fields.folderId,
    notes: fields.notes,
    fallback_url: fields.fallbackUrl,
    health_check: fields.healthCheck,
  } satisfies Partial<Insertable<Tables['link']>>;
}

export function toLink(row: Selectable<Tables['link']>): Link {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    domain: row.domain,
    key: row.key,
    caseSensitive: row.case_sensitive,
    url: row.url,
    linkType: row.link_type,
    partnerId: row.partner_id,
    utmSource: row.utm_source,
    utmMedium: row.utm_medium,
    utmCampaign: row.utm_campaign,
    utmContent: row.utm_content,
    utmTerm: row.utm_term,
    iosUrl: row.ios_url,
    androidUrl: row.android_url,
    geoTargeting: row.geo_targeting,
    ogTitle: row.og_title,
    ogDescription: row.og_description,
    ogImage: row.og_image,
    tags: row.tags,
    externalId: row.external_id,
    metadata: row.metadata,
    expiresAt: row.expires_at,
    folderId: row.folder_id,
    notes: row.notes,
    fallbackUrl: row.fallback_url,
    healthCheck: row.health_check,
    isDown: row.is_down,
    archivedAt: row.archived_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
