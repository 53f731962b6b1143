import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

import { day } from '../kernel/clock.ts';
import { stepDimensions } from './funnel.ts';
import type { CheckedDefinition } from './funnel.ts';
import { stepCondition } from './step-condition-store.ts';
import type { VisitDimension } from '../reports/dimension.ts';
import { visitCondition, visitJoins } from './visit-dimension-store.ts';

/** A funnel asked of those who enter it from `from` until before `to`. */
export interface FunnelQuestion {
  readonly workspaceId: string;
  readonly definition: CheckedDefinition;
  readonly from: Date;
  readonly to: Date;
  /** Only these people, by their ids: whoever else entered is known not to have come further. */
  readonly people?: readonly string[] | undefined;
}

/** Who is in `path`: everybody who entered, with the visit of their entry, or only who may have come further. */
export type PathsOfWhom = 'everybody' | 'candidates';

/**
 * The best attempt of each person, as CTEs: `entrant(person)` is everybody who entered, and `path(person, at_1 … at_n)`
 * how far they came; with everybody in it also the `session_id` of the entry. Of named people there is no `entrant`, and
 * `path` has all of them who entered.
 *
 * One scan finds for each visitor when they entered first and took the second step last; people are those, with merged
 * visitors in one. Only whoever took the second step after an entry can have come further, so only their events are
 * read again, by the index of visitors, and sorted. The parts are put together by union and not by join: the planner
 * cannot know how many rows they have. docs/adr/0008 has the plans that were compared.
 */
export function pathsOf(
  schema: string,
  question: FunnelQuestion,
  whom: PathsOfWhom,
): RawBuilder<unknown> {
  const { workspaceId, definition, from, to } = question;
  const { steps, filters, scope, window } = definition;
  const everybody = whom === 'everybody';
  const inVisits = everybody || filters.length > 0;
  const visit = (of: string): RawBuilder<unknown> =>
    inVisits ? sql`, ${sql.ref(`${of}.session_id`)}` : sql``;
  const conditions = steps.map(stepCondition);
  const until = new Date(to.getTime() + window.days * day);
  const relevant = sql`e.workspace_id = ${workspaceId} and e.occurred_at >= ${from} and e.occurred_at < ${until}
    and ${scope === 'session' ? sql`e.session_id is not null and ` : sql``}e.visitor_id is not null and e.machine is null and (${sql.join(conditions, sql` or `)})`;
  const times = steps.map((_, index) => name('at', index));
  const event = sql`${sql.id(schema, 'event')} as e`;
  const joinsFor = (of: string, dimensions: readonly VisitDimension[]) =>
    visitJoins(schema, workspaceId, of, dimensions);
  const filtered = filters.map(({ dimension }) => dimension);

  const known = question.people;
  const head =
    known === undefined
      ? sql`
seen as (
  select e.visitor_id${visit('e')}, min(e.occurred_at) filter (where ${conditions[0]} and e.occurred_at < ${to}) as entered_at,
    max(e.occurred_at) filter (where ${conditions[1]}) as second_at
  from ${event} ${joinsFor('e', stepDimensions(steps))}
  where ${relevant}
  group by e.visitor_id${visit('e')}
),
member as (
  select coalesce(merged.root_id, seen.visitor_id) as person, seen.visitor_id${visit('seen')},
    case when ${visitCondition(filters)} then seen.entered_at end as entered_at, seen.second_at
  from seen
  left join ${sql.id(schema, 'visitor')} as merged on merged.workspace_id = ${workspaceId} and merged.id = seen.visitor_id and merged.root_id <> merged.id
  ${joinsFor('seen', filtered)}
),
entrant as (
  ${
    everybody
      ? sql`select distinct on (person) person, session_id, entered_at from member
  where entered_at is not null order by person, entered_at, session_id`
      : sql`select distinct person from member where entered_at is not null`
  }
),
candidate as (
  select person from member group by person having max(second_at) >= min(entered_at)
),
own as (
  select distinct person, visitor_id from member where person in (select person from candidate)
)`
      : membersOf(schema, workspaceId, known);
  return sql`${head},
matched as (
  select own.person, e.occurred_at as at, e.id, e.session_id, ${visitCondition(filters)} as fits,
    ${sql.join(conditions.map((condition, index) => sql`${condition} as ${name('is', index)}`))}
  from own
  join ${event} on e.workspace_id = ${workspaceId} and e.visitor_id = own.visitor_id
  ${joinsFor('e', [...stepDimensions(steps), ...filtered])}
  where ${relevant}
),
attempt as (
  select person, session_id, at as at_1, ${sql.join(
    times
      .slice(1)
      .map(
        (time) =>
          sql`case when ${time} <= at + ${window.days}::integer * interval '24 hours' then ${time} end as ${time}`,
      ),
  )}
  from ${followed(steps.length, scope === 'session')} as step
  where is_1 and fits and at < ${to}
),
path as (
  select distinct on (person) person, session_id, ${sql.join(times)}
  from (select * from attempt${everybody && known === undefined ? sql` union all select *, ${sql.join(times.slice(1).map(() => sql`null`))} from entrant` : sql``}) as tried
  order by person, num_nonnulls(${sql.join(times)}) desc, at_1, session_id
)`;
}

/** Every visitor of named people. */
function membersOf(
  schema: string,
  workspaceId: string,
  people: readonly string[],
): RawBuilder<unknown> {
  return sql`
named as materialized (
  select unnest(${people}::uuid[]) as person
),
own as (
  select person, person as visitor_id from named
  union all
  select named.person, merged.id from named cross join lateral (
    select v.id from ${sql.id(schema, 'visitor')} as v
    where v.workspace_id = ${workspaceId} and v.root_id = named.person and v.root_id <> v.id offset 0
  ) as merged
)`;
}

/**
 * The matched events, each with the times at which the steps after its own follow. The order is backwards: what was
 * passed already comes later. So the frames only ever grow, and each level costs one comparison for an event.
 */
function followed(steps: number, inOneVisit: boolean): RawBuilder<unknown> {
  const later = sql`over (partition by person${inOneVisit ? sql`, session_id` : sql``} order by at desc, id desc rows between unbounded preceding and 1 preceding)`;
  let source: RawBuilder<unknown> = sql`matched`;
  for (let step = steps - 2; step >= 0; step -= 1) {
    const next = step + 1;
    const nextIs = name('is', next);
    const known = range(next + 1, steps).map((index) => name('at', index));
    const columns = [
      sql`min(at) filter (where ${nextIs}) ${later} as ${name('at', next)}`,
      ...known.map((time) => sql`min(${time}) filter (where ${nextIs}) ${later} as ${time}`),
    ];
    const kept = range(0, next).map((index) => name('is', index));
    source = sql`(select person, at, id, session_id, fits, ${sql.join([...kept, ...columns])} from ${source} as ${name('level', step)})`;
  }
  return source;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}

/** Steps count from 1 in SQL. */
function name(prefix: string, index: number): RawBuilder<unknown> {
  return sql.id(`${prefix}_${index + 1}`);
}
