import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

import { timestamp } from '../store/batch-insert.ts';
import { quote } from '../store/migrate.ts';

/** Fragments of SQL that say who somebody is, or was known to be at some time. */
export interface PersonSql {
  /**
   * Joins what {@link personOf} needs to a row with a `visitor_id`, by the alias of its table. `few` rows look their
   * person up one by one, whatever the planner thinks of reading the whole table: the cost follows the rows.
   */
  join(alias: string, rows: 'few' | 'many'): RawBuilder<unknown>;
  /** The person of that row. */
  readonly personOf: (alias: string) => RawBuilder<string>;
  /** The members (n, id) of the people whose ids are given; n counts from 1 in their order. */
  members(people: readonly string[]): RawBuilder<unknown>;
  /** Keeps only rows that were recorded by then. */
  known(alias: string): RawBuilder<unknown>;
}

/**
 * People are the pointers of now, or, `asOf` some time, what the log of merges says that they were: a merge counts from
 * when it was recorded until it was undone, and the last one that moved a visitor says whose it was.
 */
export function personSql(
  schemaName: string,
  workspaceId: string,
  asOf: number | undefined,
): PersonSql {
  const schema = sql.raw(quote(schemaName));
  if (asOf === undefined) {
    return {
      // `many`: only those who were joined to somebody else have another root, and an index of their own
      // (`visitor_member`); everybody else need not be read.
      join: (alias, rows) => {
        const visitor = sql`
select v.root_id from ${schema}.visitor v
where v.workspace_id = ${workspaceId}::uuid and v.id = ${sql.ref(`${alias}.visitor_id`)}`;
        return rows === 'few'
          ? sql`cross join lateral (${visitor} offset 0) person`
          : sql`left join lateral (${visitor} and v.root_id <> v.id) person on true`;
      },
      personOf: (alias) => sql<string>`coalesce(person.root_id, ${sql.ref(`${alias}.visitor_id`)})`,
      // Two halves, each with an index of its own; an `or` would have none.
      members: (people) => sql`
select r.n, r.id from unnest(${people}::uuid[]) with ordinality as r(id, n)
union all
select r.n, v.id from unnest(${people}::uuid[]) with ordinality as r(id, n)
cross join lateral (
  select v.id from ${schema}.visitor v
  where v.workspace_id = ${workspaceId}::uuid and v.root_id = r.id and v.root_id <> v.id offset 0
) v`,
      known: () => sql``,
    };
  }
  const at = sql`${timestamp(asOf)}::timestamptz`;
  // Its names are its own: the visitor may be one of a query around it.
  const lastMove = (visitor: RawBuilder<unknown>) => sql`
select last.winner_id, last.id from ${schema}.merge_member last_member
join ${schema}.merge last on last.workspace_id = ${workspaceId}::uuid and last.id = last_member.merge_id
where last_member.workspace_id = ${workspaceId}::uuid and last_member.visitor_id = ${visitor}
  and last.recorded_at <= ${at} and (last.undone_at is null or last.undone_at > ${at})
order by last.recorded_at desc, last.id desc limit 1`;
  return {
    join: (alias) => sql`
left join lateral (${lastMove(sql.ref(`${alias}.visitor_id`))}) person on true`,
    personOf: (alias) => sql<string>`coalesce(person.winner_id, ${sql.ref(`${alias}.visitor_id`)})`,
    members: (people) => sql`
select r.n, r.id from unnest(${people}::uuid[]) with ordinality as r(id, n)
union
select r.n, mm.visitor_id from unnest(${people}::uuid[]) with ordinality as r(id, n)
join ${schema}.merge m on m.workspace_id = ${workspaceId}::uuid and m.winner_id = r.id
  and m.recorded_at <= ${at} and (m.undone_at is null or m.undone_at > ${at})
join ${schema}.merge_member mm on mm.workspace_id = ${workspaceId}::uuid and mm.merge_id = m.id
join lateral (${lastMove(sql`mm.visitor_id`)}) moved on moved.winner_id = r.id`,
    known: (alias) => sql`and ${sql.ref(`${alias}.recorded_at`)} <= ${at}`,
  };
}
