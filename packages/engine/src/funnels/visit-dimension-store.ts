import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

import { notSet } from '../reports/dimension.ts';
import type { VisitDimension } from '../reports/dimension.ts';
import { dimensionColumns } from '../reports/dimension-column.ts';
import type { VisitFilter } from './visit-dimension.ts';

/** What a visit has as text; `(not set)` where it has nothing. Needs {@link visitJoins}. */
export function dimensionValue(dimension: VisitDimension): RawBuilder<string> {
  const [table, column] = dimensionColumns[dimension];
  return sql<string>`coalesce(${sql.id(`visit_${table}`, column)}::text, ${sql.lit(notSet)})`;
}

/** Whether a visit is one of those that the filters let through. Needs {@link visitJoins}. */
export function visitCondition(filters: readonly VisitFilter[]): RawBuilder<boolean> {
  const conditions = filters.map(({ dimension, values, exclude = false }) => {
    const texts = sql`array[${sql.join(values.map((value) => value ?? notSet))}]::text[]`;
    return exclude
      ? sql`${dimensionValue(dimension)} <> all(${texts})`
      : sql`${dimensionValue(dimension)} = any(${texts})`;
  });
  return conditions.length === 0 ? sql<boolean>`true` : sql<boolean>`(${and(conditions)})`;
}

/** The tables that hold these dimensions, for rows `of` that have a `session_id`: a visit came by its own touch. */
export function visitJoins(
  schema: string,
  workspaceId: string,
  of: string,
  dimensions: readonly VisitDimension[],
): RawBuilder<unknown> {
  if (dimensions.length === 0) return sql``;
  const visit = sql`left join ${sql.id(schema, 'session')} as visit_session
    on visit_session.workspace_id = ${workspaceId} and visit_session.id = ${sql.id(of, 'session_id')}`;
  if (!dimensions.some((dimension) => dimensionColumns[dimension][0] === 'touch')) return visit;
  return sql`${visit} left join ${sql.id(schema, 'touch')} as visit_touch
    on visit_touch.workspace_id = ${workspaceId} and visit_touch.id = visit_session.touch_id`;
}

function and(conditions: ReadonlyArray<RawBuilder<unknown>>): RawBuilder<unknown> {
  return sql.join(conditions, sql` and `);
}
