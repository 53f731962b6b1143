import { sql } from 'kysely';

import type { Db, Tx } from '../store/database.ts';

export type SeatKind = 'clicks' | 'people';

/**
 * Counts one more, unless the limit is reached; `false` then. The first one goes on from what the link has been counted
 * before. A statement of its own row, so that two at once wait for one another.
 */
export async function takeSeatRow(
  tx: Tx,
  {
    workspaceId,
    linkId,
    kind,
    max,
  }: {
    readonly workspaceId: string;
    readonly linkId: string;
    readonly kind: SeatKind;
    readonly max: number;
  },
): Promise<boolean> {
  const counted = kind === 'clicks' ? 'clicks' : 'unique_clicks';
  await tx
    .insertInto('link_seat')
    .columns(['workspace_id', 'link_id', 'kind', 'used'])
    .expression((eb) =>
      eb
        .selectFrom(sql<{ one: number }>`(select 1 as one)`.as('once'))
        .leftJoin('link_counter as c', (join) =>
          join.on('c.workspace_id', '=', workspaceId).on('c.link_id', '=', linkId),
        )
        .select([
          sql<string>`${workspaceId}::uuid`.as('workspace_id'),
          sql<string>`${linkId}::uuid`.as('link_id'),
          sql<SeatKind>`${kind}::text`.as('kind'),
          sql<bigint>`coalesce(${sql.ref(`c.${counted}`)}, 0)`.as('used'),
        ]),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await tx
    .updateTable('link_seat')
    .set({ used: sql`used + 1` })
    .where('workspace_id', '=', workspaceId)
    .where('link_id', '=', linkId)
    .where('kind', '=', kind)
    .where('used', '<', sql<bigint>`${max}::int8`)
    .returning('used')
    .executeTakeFirst();
  return row !== undefined;
}

/** So that a limit that is set anew goes on from what has been counted by then. */
export async function deleteSeats(
  tx: Tx,
  workspaceId: string,
  linkId: string,
  kinds: readonly SeatKind[],
): Promise<void> {
  if (kinds.length === 0) return;
  await tx
    .deleteFrom('link_seat')
    .where('workspace_id', '=', workspaceId)
    .where('link_id', '=', linkId)
    .where('kind', 'in', kinds)
    .execute();
}

export interface LinkUse {
  readonly clicks: number;
  readonly people: number;
  readonly conversions: number;
  /** Of exact limits: what they have let through; absent before the first. */
  readonly seats: { readonly [Kind in SeatKind]?: number };
}

export async function selectUse(db: Db, workspaceId: string, linkId: string): Promise<LinkUse> {
  const counter = await db
    .selectFrom('link_counter')
    .select(['clicks', 'unique_clicks', 'leads', 'sales'])
    .where('workspace_id', '=', workspaceId)
    .where('link_id', '=', linkId)
    .executeTakeFirst();
  const seats = await db
    .selectFrom('link_seat')
    .select(['kind', 'used'])
    .where('workspace_id', '=', workspaceId)
    .where('link_id', '=', linkId)
    .execute();
  return {
    clicks: Number(counter?.clicks ?? 0),
    people: Number(counter?.unique_clicks ?? 0),
    conversions: Number(counter?.leads ?? 0) + Number(counter?.sales ?? 0),
    seats: Object.fromEntries(seats.map(({ kind, used }) => [kind, Number(used)])),
  };
}

/**
 * What is known of the person that an identifier belongs to: whether they have followed the link, and whether they have
 * bought, wherever merges have led since.
 */
export async function selectStanding(
  db: Db,
  workspaceId: string,
  { kind, hash, linkId }: { readonly kind: string; readonly hash: Buffer; readonly linkId: string },
): Promise<{ readonly hasFollowed: boolean; readonly isCustomer: boolean }> {
  const row = await db
    .selectFrom('identity as i')
    .innerJoin('visitor as v', (join) =>
      join.onRef('v.workspace_id', '=', 'i.workspace_id').onRef('v.id', '=', 'i.visitor_id'),
    )
    .innerJoin('visitor as member', (join) =>
      join
        .onRef('member.workspace_id', '=', 'v.workspace_id')
        .onRef('member.root_id', '=', 'v.root_id'),
    )
    .leftJoin('link_visitor as l', (join) =>
      join
        .onRef('l.workspace_id', '=', 'member.workspace_id')
        .onRef('l.visitor_id', '=', 'member.id')
        .on('l.link_id', '=', linkId),
    )
    .leftJoin('visitor_revenue as r', (join) =>
      join
        .onRef('r.workspace_id', '=', 'member.workspace_id')
        .onRef('r.visitor_id', '=', 'member.id'),
    )
    .select([
      sql<boolean>`coalesce(bool_or(l.visitor_id is not null), false)`.as('has_followed'),
      sql<boolean>`coalesce(bool_or(member.converted_at is not null or r.amount_minor > 0), false)`.as(
        'is_customer',
      ),
    ])
    .where('i.workspace_id', '=', workspaceId)
    .where('i.kind', '=', kind)
    .where('i.value_hash', '=', hash)
    .executeTakeFirst();
  return { hasFollowed: row?.has_followed ?? false, isCustomer: row?.is_customer ?? false };
}
