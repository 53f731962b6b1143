import { sql } from 'kysely';

import type { Db } from '../store/database.ts';

interface Span {
  readonly from: Date;
  readonly to: Date;
  readonly types: readonly string[];
}

/** Conversions of one kind of claim, in one currency. */
export interface ClaimedSum {
  readonly connector: string;
  /** The click id by which the platform can claim them. */
  readonly matchedBy: string;
  /** That of the touch that they are credited to. */
  readonly creditedClick: string | undefined;
  readonly currency: string | undefined;
  readonly conversions: number;
  readonly amountMinor: bigint;
}

/** What platforms were told of with a click of theirs, with the click that the journey is credited to. */
export async function sumClaims(
  db: Db,
  workspaceId: string,
  { from, to, types }: Span,
): Promise<ClaimedSum[]> {
  const rows = await db
    .selectFrom('dispatch')
    .innerJoin('conversion', (join) =>
      join
        .onRef('conversion.workspace_id', '=', 'dispatch.workspace_id')
        .onRef('conversion.id', '=', 'dispatch.event_id'),
    )
    .leftJoin('touch', (join) =>
      join
        .onRef('touch.workspace_id', '=', 'conversion.workspace_id')
        .onRef('touch.id', '=', 'conversion.touch_id'),
    )
    .select([
      'dispatch.connector',
      'dispatch.matched_by',
      'touch.click_id_type',
      'conversion.currency',
      sql<string>`count(*)`.as('conversions'),
      sql<string>`coalesce(sum(conversion.amount_minor), 0)`.as('amount'),
    ])
    .where('dispatch.workspace_id', '=', workspaceId)
    .where('dispatch.status', '=', 'delivered')
    .where('dispatch.matched_by', 'is not', null)
    .where('dispatch.occurred_at', '>=', from)
    .where('dispatch.occurred_at', '<', to)
    .where('conversion.type', 'in', types)
    .groupBy([
      'dispatch.connector',
      'dispatch.matched_by',
      'touch.click_id_type',
      'conversion.currency',
    ])
    .execute();
  return rows.map((row) => ({
    connector: row.connector,
    matchedBy: row.matched_by!,
    creditedClick: row.click_id_type ?? undefined,
    currency: row.currency ?? undefined,
    conversions: Number(row.conversions),
    amountMinor: BigInt(row.amount),
  }));
}

/** All conversions by the click of the touch that they are credited to, and by currency. */
export async function sumCredits(
  db: Db,
  workspaceId: string,
  { from, to, types }: Span,
): Promise<Array<Pick<ClaimedSum, 'creditedClick' | 'currency' | 'conversions' | 'amountMinor'>>> {
  const rows = await db
    .selectFrom('conversion')
    .leftJoin('touch', (join) =>
      join
        .onRef('touch.workspace_id', '=', 'conversion.workspace_id')
        .onRef('touch.id', '=', 'conversion.touch_id'),
    )
    .select([
      'touch.click_id_type',
      'conversion.currency',
      sql<string>`count(*)`.as('conversions'),
      sql<string>`coalesce(sum(conversion.amount_minor), 0)`.as('amount'),
    ])
    .where('conversion.workspace_id', '=', workspaceId)
    .where('conversion.occurred_at', '>=', from)
    .where('conversion.occurred_at', '<', to)
    .where('conversion.type', 'in', types)
    .groupBy(['touch.click_id_type', 'conversion.currency'])
    .execute();
  return rows.map((row) => ({
    creditedClick: row.click_id_type ?? undefined,
    currency: row.currency ?? undefined,
    conversions: Number(row.conversions),
    amountMinor: BigInt(row.amount),
  }));
}
