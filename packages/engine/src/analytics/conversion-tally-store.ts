import { sql } from 'kysely';

import { sessionTotals } from '../sessions/session-totals.ts';
import { quote } from '../store/migrate.ts';
import type { Reading } from './activity-store.ts';
import { dimensionValue, visitColumns } from './dimension.ts';
import type { VisitDimension } from './dimension.ts';
import type { ReportWindow } from './report-window.ts';

/** One conversion as reports count it, or what takes one back, at its own time. */
export interface CountedConversion {
  readonly id: string;
  /** Of what takes back: what it takes back. */
  readonly goal: string;
  /** `-1`: a conversion was removed. `0`: only money went back, or there is nothing to remove. */
  readonly counts: 1 | 0 | -1;
  /** The conversion that is taken back. */
  readonly reversesId: string | undefined;
  /** Milliseconds. */
  readonly occurredAt: number;
  /** Of a sale: who bought. */
  readonly personId: string | undefined;
  /** Negative where money went back. */
  readonly amountMinor: bigint | undefined;
  readonly currency: string | undefined;
  readonly dimensions: Readonly<Partial<Record<VisitDimension, string | null>>>;
}

const tableAlias = { touch: 't', session: 's' } as const;

/**
 * Where a conversion came from is the touch that it is credited to, where and on what it happened the visit that it
 * happened in. What takes one back is told apart as what it takes back.
 *
 * Conversions are few, and what they are credited to may change long after: they are read as they are, by their index
 * on (workspace, time). What a report does not ask for is not joined. Buyers are looked up one by one: a join invites the
 * planner to read all visitors in between.
 */
export async function selectConversions(
  { db, schema: schemaName, workspaceId }: Reading,
  { from, to }: ReportWindow,
  dimensions: ReadonlySet<VisitDimension>,
): Promise<CountedConversion[]> {
  const schema = quote(schemaName);
  const wanted = [...dimensions];
  const needs = (table: keyof typeof tableAlias): boolean =>
    wanted.some((dimension) => visitColumns[dimension][0] === table);
  const columns = wanted.map((dimension) => {
    const [table, column] = visitColumns[dimension];
    return `, ${tableAlias[table]}.${column}::text as ${dimension}`;
  });
  const touch = `left join ${schema}.touch t on t.workspace_id = c.workspace_id and t.id = c.touch_id`;
  const visit = `
left join ${schema}.conversion o on o.workspace_id = c.workspace_id and o.id = c.reverses_id
left join ${schema}.event e on e.workspace_id = c.workspace_id
  and e.occurred_at = coalesce(o.occurred_at, c.occurred_at) and e.id = coalesce(o.id, c.id)
left join ${sessionTotals(schema)} s on s.workspace_id = c.workspace_id and s.id = e.session_id`;
  const { rows } = await sql<
    Readonly<Record<string, unknown>> & {
      readonly id: string;
      readonly goal: string;
      readonly counts: 1 | 0 | -1;
      readonly reverses_id: string | null;
      readonly occurred_at: Date;
      readonly root_id: string | null;
      readonly amount_minor: bigint | null;
      readonly currency: string | null;
    }
  >`
select c.id, coalesce(c.reverses_type, c.type) as goal, c.reverses_id, c.occurred_at, c.amount_minor, c.currency,
  case when c.type not in ('refund', 'removal') then 1 when c.type = 'removal' and c.reverses_id is not null then -1 else 0 end as counts,
  case when c.type = 'sale' then (
    select v.root_id from ${sql.raw(schema)}.visitor v where v.workspace_id = c.workspace_id and v.id = c.visitor_id) end as root_id
  ${sql.raw(columns.join(''))}
from ${sql.raw(schema)}.conversion c
${sql.raw(needs('touch') ? touch : '')}
${sql.raw(needs('session') ? visit : '')}
where c.workspace_id = ${workspaceId} and c.occurred_at >= ${new Date(from)} and c.occurred_at < ${new Date(to)}`.execute(
    db,
  );
  return rows.map((row) => ({
    id: row.id,
    goal: row.goal,
    counts: row.counts,
    reversesId: row.reverses_id ?? undefined,
    occurredAt: row.occurred_at.getTime(),
    personId: row.root_id ?? undefined,
    amountMinor: row.amount_minor ?? undefined,
    currency: row.currency ?? undefined,
    dimensions: Object.fromEntries(
      wanted.map((dimension) => [
        dimension,
        dimensionValue(dimension, (row[dimension] as string | null | undefined) ?? null),
      ]),
    ),
  }));
}
