import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

import type { Db } from '../store/database.ts';
import type { LinkCursor, LinkOrder, LinkSort } from './link-cursor.ts';
import { toLink } from './link-store.ts';
import type { Link, LinkType } from './link.ts';

export interface LinkFilter {
  readonly linkType?: LinkType | undefined;
  readonly domain?: string | undefined;
  readonly tag?: string | undefined;
  readonly partnerId?: string | undefined;
  readonly folderId?: string | undefined;
  readonly isDown?: boolean | undefined;
  /** A part of the key, the destination, the external id, the campaign or a tag, in whatever case. */
  readonly search?: string | undefined;
  readonly archived: 'without' | 'with' | 'only';
  readonly sort: LinkSort;
  readonly order: LinkOrder;
  readonly after: LinkCursor | undefined;
  readonly limit: number;
  readonly offset: number;
}

export interface ListedLink {
  readonly link: Link;
  /** What the list is sorted by; nothing where that is the id. */
  readonly value: bigint | undefined;
}

/** Ids sort by when they were made, and order the links that are equal in what the list is sorted by. */
export async function selectLinks(
  db: Db,
  workspace: { readonly id: string; readonly currency: string },
  filter: LinkFilter,
): Promise<ListedLink[]> {
  const { sort, order, after } = filter;
  const value = sort === 'createdAt' ? undefined : sortValues[sort];
  // The planner leaves out the joins whose columns are not asked for: both are over a whole primary key.
  let query = db
    .selectFrom('link')
    .leftJoin('link_counter as counter', (join) =>
      join
        .onRef('counter.workspace_id', '=', 'link.workspace_id')
        .onRef('counter.link_id', '=', 'link.id'),
    )
    .leftJoin('link_revenue as revenue', (join) =>
      join
        .onRef('revenue.workspace_id', '=', 'link.workspace_id')
        .onRef('revenue.link_id', '=', 'link.id')
        .on('revenue.currency', '=', workspace.currency),
    )
    .selectAll('link')
    .select(sql<bigint | string | null>`${value ?? sql`null`}`.as('sort_value'))
    .where('link.workspace_id', '=', workspace.id);

  if (filter.linkType !== undefined) query = query.where('link.link_type', '=', filter.linkType);
  if (filter.domain !== undefined) query = query.where('link.domain', '=', filter.domain);
  if (filter.tag !== undefined)
    query = query.where('link.tags', '@>', sql<string[]>`array[${filter.tag}]::text[]`);
  if (filter.partnerId !== undefined) query = query.where('link.partner_id', '=', filter.partnerId);
  if (filter.folderId !== undefined) query = query.where('link.folder_id', '=', filter.folderId);
  if (filter.isDown !== undefined) query = query.where('link.is_down', '=', filter.isDown);
  if (filter.search !== undefined) query = query.where(contains(filter.search));
  if (filter.archived === 'without') query = query.where('link.archived_at', 'is', null);
  if (filter.archived === 'only') query = query.where('link.archived_at', 'is not', null);
  if (after !== undefined) query = query.where(follows(value, order, after));
  if (value !== undefined) query = query.orderBy(value, order);
  const rows = await query
    .orderBy('link.id', order)
    .limit(filter.limit)
    .offset(filter.offset)
    .execute();
  // A host's own Kysely may read int8 as text.
  return rows.map((row) => ({
    link: toLink(row),
    value: row.sort_value === null ? undefined : BigInt(row.sort_value),
  }));
}

/** A link that nobody has followed has no row of counters. */
const sortValues: Readonly<Record<Exclude<LinkSort, 'createdAt'>, RawBuilder<bigint>>> = {
  clicks: sql`coalesce(counter.clicks, 0)`,
  uniqueClicks: sql`coalesce(counter.unique_clicks, 0)`,
  leads: sql`coalesce(counter.leads, 0)`,
  sales: sql`coalesce(counter.sales, 0)`,
  revenue: sql`coalesce(revenue.amount_minor, 0)`,
};

/** No field that is searched may hold a line break, nor may what is searched for: a match never spans two of them. */
function contains(search: string): RawBuilder<boolean> {
  const fields = sql`concat_ws(chr(10), link.key, link.url, link.external_id, link.utm_campaign, array_to_string(link.tags, chr(10)))`;
  return sql<boolean>`strpos(lower(${fields}), lower(${search})) > 0`;
}

function follows(
  value: RawBuilder<bigint> | undefined,
  order: LinkOrder,
  { value: last, id }: LinkCursor,
): RawBuilder<boolean> {
  const beyond = order === 'desc' ? sql`<` : sql`>`;
  return value === undefined
    ? sql<boolean>`link.id ${beyond} ${id}::uuid`
    : sql<boolean>`(${value}, link.id) ${beyond} (${String(last ?? 0n)}::bigint, ${id}::uuid)`;
}
