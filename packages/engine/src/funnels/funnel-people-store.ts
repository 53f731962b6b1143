import { sql } from 'kysely';

import type { TimeCursor } from '../kernel/page.ts';
import type { Database } from '../store/database.ts';
import { pathsOf } from './funnel-path-store.ts';
import type { FunnelQuestion } from './funnel-path-store.ts';
import type { FunnelPath } from './funnel-report.ts';
import { dimensionValue, visitJoins } from './visit-dimension-store.ts';
import type { VisitDimension } from '../reports/dimension.ts';

export interface PathPage {
  readonly step: number;
  readonly onlyDropped: boolean;
  readonly group: { readonly dimension: VisitDimension; readonly value: string } | undefined;
  readonly before: TimeCursor | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** Who reached a step last comes first. */
export async function selectPaths(
  { db, schema }: Pick<Database, 'db' | 'schema'>,
  question: FunnelQuestion,
  page: PathPage,
): Promise<FunnelPath[]> {
  const { step, group, before } = page;
  const steps = question.definition.steps.length;
  const times = Array.from({ length: steps }, (_, index) => `at_${index + 1}` as const);
  const reached = sql.id(`at_${step}`);
  const conditions = [
    sql`${reached} is not null`,
    ...(page.onlyDropped ? [droppedAfter(step, steps)] : []),
    ...(group === undefined ? [] : [sql`${dimensionValue(group.dimension)} = ${group.value}`]),
    ...(before === undefined
      ? []
      : [sql`(${reached}, person) < (${before.at}::timestamptz, ${before.id}::uuid)`]),
  ];
  const { rows } = await sql<
    { readonly person: string } & Readonly<Record<`at_${number}`, Date | null>>
  >`
with ${pathsOf(schema, question, step === 1 ? 'everybody' : 'candidates')}
select person, ${sql.join(times.map((time) => sql.id(time)))}
from path
${group === undefined ? sql`` : visitJoins(schema, question.workspaceId, 'path', [group.dimension])}
where ${sql.join(conditions, sql` and `)}
order by ${reached} desc, person desc
limit ${page.limit} offset ${page.offset}`.execute(db);
  return rows.map((row) => ({
    visitorId: row.person,
    reachedAt: times.flatMap((time) => row[time] ?? []),
  }));
}

/** After the last step nobody drops off. */
function droppedAfter(step: number, steps: number) {
  return step === steps ? sql`false` : sql`${sql.id(`at_${step + 1}`)} is null`;
}
