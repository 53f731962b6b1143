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

/** The tables that hold these dimensions, for rows `of` that have a `session_id` and a `touch_id`. */
export function visitJoins(
  schema: string,
  workspaceId: string,
  of: string,
  dimensions: readonly VisitDimension[],
): RawBuilder<unknown> {
  const tables = new Set(dimensions.map((dimension) => dimensionColumns[dimension][0]));
  const joins = [...tables].map((table) => {
    const alias = sql.id(`visit_${table}`);
    return sql`left join ${sql.id(schema, table)} as ${alias} on ${alias}.workspace_id = ${workspaceId} and ${alias}.id = ${sql.id(of, `${table}_id`)}`;
  });
  return joins.length === 0 ? sql`` : sql.join(joins, sql` `);
}

function and(conditions: ReadonlyArray<RawBuilder<unknown>>): RawBuilder<unknown> {
  return sql.join(conditions, sql` and `);
}
