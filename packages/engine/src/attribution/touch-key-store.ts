import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

import { dimensionColumns } from '../reports/dimension-column.ts';
import { quote } from '../store/migrate.ts';
import { filteredKey } from './dimension.ts';
import type { Dimension, TouchFilter } from './dimension.ts';

/** What touches `t` are grouped by, in SQL. */
export interface TouchKeySql {
  /** What the expression needs beside the touch. */
  readonly joins: RawBuilder<unknown>;
  /** The value; empty where it is not known, {@link filteredKey} where a filter leaves the touch out. */
  readonly key: RawBuilder<string>;
}

type Join = 'link' | 'visit' | 'event';

/** What is not just a column of the touch or of its visit. */
const expressions: Readonly<
  Partial<Record<Dimension, readonly [expression: string, join?: Join]>>
> = {
  partner: ['coalesce(t.partner_id, link.partner_id)::text', 'link'],
  // A page without what tells its visitors apart.
  referrer: [
    `coalesce(nullif(split_part(split_part(t.referrer, '#', 1), '?', 1), ''), t.referrer_host)`,
  ],
  invitation: [`event.properties->>'invitation_id'`, 'event'],
};

function expressionOf(dimension: Dimension): readonly [expression: string, join?: Join] {
  const own = expressions[dimension];
  if (own !== undefined || dimension === 'invitation') return own!;
  const [table, column] = dimensionColumns[dimension];
  return table === 'touch' ? [`t.${column}::text`] : [`visit.${column}`, 'visit'];
}

/** The expression by which a report groups touches, with its filters in it. */
export function touchKeySql(
  schemaName: string,
  workspaceId: string,
  dimension: Dimension,
  filters: readonly TouchFilter[],
): TouchKeySql {
  const schema = sql.raw(quote(schemaName));
  const workspace = sql`${workspaceId}::uuid`;
  const joinSql: Readonly<Record<Join, RawBuilder<unknown>>> = {
    link: sql`left join ${schema}.link link on link.workspace_id = ${workspace} and link.id = t.link_id`,
    visit: sql`left join ${schema}.session visit on visit.workspace_id = ${workspace} and visit.id = t.session_id`,
    event: sql`
left join ${schema}.event event on event.workspace_id = ${workspace} and event.occurred_at = t.occurred_at
  and event.id = t.event_id and event.type in ('invitation', 'redemption', 'registration')`,
  };
  const used = new Set<Join>();
  const valueOf = (of: Dimension): RawBuilder<string> => {
    const [expression, join] = expressionOf(of);
    if (join !== undefined) used.add(join);
    return sql<string>`coalesce(${sql.raw(expression)}, '')`;
  };
  const value = valueOf(dimension);
  const conditions = filters.map(({ dimension: of, values, exclude = false }) => {
    const texts = values.map((each) => each ?? '');
    const holds = sql`${valueOf(of)} = any(${texts}::text[])`;
    return exclude ? sql`not ${holds}` : holds;
  });
  const key =
    conditions.length === 0
      ? value
      : sql<string>`case when ${sql.join(conditions, sql` and `)} then ${value} else ${filteredKey}::text end`;
  return {
    joins: sql.join(
      [...used].map((join) => joinSql[join]),
      sql` `,
    ),
    key,
  };
}
