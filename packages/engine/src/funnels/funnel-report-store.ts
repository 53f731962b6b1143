import { sql } from 'kysely';

import type { Database } from '../store/database.ts';
import { pathsOf } from './funnel-path-store.ts';
import type { FunnelQuestion } from './funnel-path-store.ts';
import type { CountedPaths } from './counted-paths.ts';
import type { PathCounts, Quantiles } from './funnel-report.ts';
import { dimensionValue, visitJoins } from './visit-dimension-store.ts';
import type { VisitDimension } from '../reports/dimension.ts';

type Row = Readonly<Record<`people_${number}`, number>> &
  Readonly<Record<`median_${number}` | `p90_${number}`, number | null>> & {
    readonly value: string | null;
    readonly is_total: boolean;
    readonly median_total: number | null;
    readonly p90_total: number | null;
  };

/** Counts the people at each step, all of them and by one dimension of the visit in which they entered. */
export async function countPaths(
  { db, schema }: Pick<Database, 'db' | 'schema'>,
  question: FunnelQuestion,
  dimension: VisitDimension | undefined,
): Promise<CountedPaths> {
  const steps = question.definition.steps.length;
  const numbers = Array.from({ length: steps }, (_, index) => index + 1);
  const at = (step: number) => sql.id(`at_${step}`);
  const quantiles = (from: number, to: number, name: string) => {
    const seconds = sql`percentile_cont(array[0.5, 0.9]) within group (order by extract(epoch from ${at(to)} - ${at(from)})::float8) filter (where ${at(to)} is not null)`;
    return sql`(${seconds})[1] as ${sql.id(`median_${name}`)}, (${seconds})[2] as ${sql.id(`p90_${name}`)}`;
  };
  const people = (step: number) =>
    step === 1 && dimension === undefined && question.people === undefined
      ? sql`(select count(*)::integer from entrant)`
      : sql`count(${at(step)})::integer`;
  const value = dimension && dimensionValue(dimension);
  const { rows } = await sql<Row>`
with ${pathsOf(schema, question, dimension === undefined ? 'candidates' : 'everybody')}
select ${value === undefined ? sql`null::text as value, true as is_total` : sql`${value} as value, grouping(${value}) = 1 as is_total`},
  ${sql.join(numbers.map((step) => sql`${people(step)} as ${sql.id(`people_${step}`)}`))},
  ${sql.join(numbers.slice(1).map((step) => quantiles(step - 1, step, String(step))))},
  ${quantiles(1, steps, 'total')}
from path
${dimension === undefined ? sql`` : visitJoins(schema, question.workspaceId, 'path', [dimension])}
${value === undefined ? sql`` : sql`group by grouping sets ((), (${value}))`}
order by is_total desc`.execute(db);

  const counted = rows.map((row) => ({ ...toCounts(row, numbers), value: row.value ?? '' }));
  return {
    total: counted[0] ?? {
      people: numbers.map(() => 0),
      secondsBetween: [],
      secondsTotal: undefined,
    },
    groups: counted.slice(1),
  };
}

function toCounts(row: Row, numbers: readonly number[]): PathCounts {
  return {
    people: numbers.map((step) => row[`people_${step}`] ?? 0),
    secondsBetween: numbers.map((step) =>
      step === 1 ? undefined : toQuantiles(row[`median_${step}`], row[`p90_${step}`]),
    ),
    secondsTotal: toQuantiles(row.median_total, row.p90_total),
  };
}

/** Events are known to the millisecond. */
function toQuantiles(
  median: number | null | undefined,
  p90: number | null | undefined,
): Quantiles | undefined {
  if (median == null || p90 == null) return undefined;
  return { median: Math.round(median * 1_000) / 1_000, p90: Math.round(p90 * 1_000) / 1_000 };
}
