import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

import type { CheckedDefinition } from './funnel.ts';
import { stepCondition, stepDimensions } from './step-condition-store.ts';
import { visitCondition, visitJoins } from './visit-dimension-store.ts';

/** A funnel asked of those who enter it from `from` until before `to`. */
export interface FunnelQuestion {
  readonly workspaceId: string;
  readonly definition: CheckedDefinition;
  readonly from: Date;
  readonly to: Date;
}

/**
 * The best attempt of each person, as CTEs that end with `path(person, session_id, touch_id, depth, at_1 … at_n)`.
 *
 * The events that are of any step are found in one scan. Sorted once by (person, time) backwards, each level of window
 * functions finds for an event of step k when the steps after it follow first: the events behind it in the order are
 * those that come later. As the frame only ever grows, a level costs one comparison for each event. An attempt is
 * then an event of the first step, cut where the window ends. docs/adr/0008 has the plans that were compared.
 */
export function pathsOf(schema: string, question: FunnelQuestion): RawBuilder<unknown> {
  const { workspaceId, definition, from, to } = question;
  const { steps, filters, scope, window } = definition;
  const milliseconds = window.days * 86_400_000;
  const until = new Date(to.getTime() + milliseconds);
  const conditions = steps.map(stepCondition);
  const dimensions = [...stepDimensions(steps), ...filters.map(({ dimension }) => dimension)];
  const inOneVisit = scope === 'session';
  const flags = conditions.map((condition, index) => sql`${condition} as ${name('is', index)}`);
  const times = steps.map((_, index) => name('at', index));
  const limit = sql`at + ${window.days}::integer * interval '24 hours'`;

  return sql`
matched as (
  select coalesce(member.root_id, e.visitor_id) as person, e.occurred_at as at, e.id, e.session_id, e.touch_id,
    ${visitCondition(filters)} as fits, ${sql.join(flags)}
  from ${sql.id(schema, 'event')} as e
  left join ${sql.id(schema, 'visitor')} as member on member.workspace_id = ${workspaceId} and member.id = e.visitor_id and member.root_id <> member.id
  ${visitJoins(schema, workspaceId, 'e', dimensions)}
  where e.workspace_id = ${workspaceId} and e.occurred_at >= ${from} and e.occurred_at < ${until}
    and e.visitor_id is not null${inOneVisit ? sql` and e.session_id is not null` : sql``}
    and (${sql.join(conditions, sql` or `)})
),
attempt as (
  select person, session_id, touch_id, at as at_1, id, ${sql.join(
    times.slice(1).map((time) => sql`case when ${time} <= ${limit} then ${time} end as ${time}`),
  )}
  from ${followed(steps.length, inOneVisit)} as step
  where is_1 and fits and at < ${to}
),
path as (
  select distinct on (person) person, session_id, touch_id, num_nonnulls(${sql.join(times)}) as depth, ${sql.join(times)}
  from attempt order by person, num_nonnulls(${sql.join(times)}) desc, at_1, id
)`;
}

/** The matched events, each with the times at which the steps after its own follow. */
function followed(steps: number, inOneVisit: boolean): RawBuilder<unknown> {
  const later = sql`over (partition by person${inOneVisit ? sql`, session_id` : sql``} order by at desc, id desc rows between unbounded preceding and 1 preceding)`;
  let source: RawBuilder<unknown> = sql`matched`;
  for (let step = steps - 2; step >= 0; step -= 1) {
    const next = step + 1;
    const nextIs = name('is', next);
    const known = Array.from({ length: steps - next - 1 }, (_, index) =>
      name('at', next + 1 + index),
    );
    const columns = [
      sql`min(at) filter (where ${nextIs}) ${later} as ${name('at', next)}`,
      ...known.map((time) => sql`min(${time}) filter (where ${nextIs}) ${later} as ${time}`),
    ];
    const kept = Array.from({ length: next }, (_, index) => name('is', index));
    source = sql`(select person, at, id, session_id, touch_id, fits, ${sql.join([...kept, ...columns])} from ${source} as level_${sql.raw(String(step + 1))})`;
  }
  return source;
}

function name(prefix: string, index: number): RawBuilder<unknown> {
  return sql.id(`${prefix}_${index + 1}`);
}
