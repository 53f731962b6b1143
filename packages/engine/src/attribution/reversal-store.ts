import type { Statement, Transaction } from '../store/connection.ts';
import { quote } from '../store/migrate.ts';
import type { Goal } from './goal.ts';

/** A refund or removal as it is stored. */
export interface ReversalRow {
  readonly id: string;
  readonly type: 'refund' | 'removal';
  readonly root_id: string;
  readonly visitor_id: string;
  readonly occurred_at: Date;
  readonly recorded_at: Date;
  readonly amount_minor: bigint | null;
  readonly currency: string | null;
  readonly reverses_id: string | null;
  readonly reverses_type: Goal;
  readonly reverses_key: string | null;
  /** Of what was tracked for a project: it takes back only what has the same. */
  readonly scope: string | null;
  readonly touch_id: string | null;
  readonly link_touch_id: string | null;
  readonly link_id: string | null;
}

/** A conversion that a reversal may mean. */
export interface TargetRow {
  readonly id: string;
  readonly type: Goal;
  readonly root_id: string;
  readonly scope: string | null;
  readonly occurred_at: Date;
  readonly amount_minor: bigint | null;
  readonly currency: string | null;
  readonly touch_id: string | null;
  readonly link_touch_id: string | null;
  readonly link_id: string | null;
}

/** What a reversal says after it was settled. */
export type SettledReversal = Pick<
  ReversalRow,
  | 'id'
  | 'amount_minor'
  | 'currency'
  | 'reverses_id'
  | 'reverses_type'
  | 'reverses_key'
  | 'touch_id'
  | 'link_touch_id'
  | 'link_id'
>;

export interface VisitorRevenue {
  readonly visitorId: string;
  readonly currency: string;
  readonly amountMinor: bigint;
}

export type ReversalStore = ReturnType<typeof createReversalStore>;

/** Refunds and removals, and the conversions that they take back. */
export function createReversalStore(schemaName: string) {
  const schema = quote(schemaName);
  const named = (name: string, text: string): Statement => ({
    name: `${schemaName}.reversal_${name}`,
    text,
  });
  const scopeOf = (alias: string): string =>
    `(select s.scope from ${schema}.tracked_event s where s.workspace_id = $1 and s.event_id = ${alias}.id) as scope`;
  const reversalColumns = `r.id, r.type, v.root_id, r.visitor_id, r.occurred_at, r.recorded_at, r.amount_minor, r.currency,
  r.reverses_id, r.reverses_type, r.reverses_key, r.touch_id, r.link_touch_id, r.link_id, ${scopeOf('r')}`;
  const targetColumns = `c.id, c.type, v.root_id, c.occurred_at, c.amount_minor, c.currency, c.touch_id, c.link_touch_id,
  c.link_id, ${scopeOf('c')}`;
  const people = `people as materialized (
  select v.id, v.root_id from ${schema}.visitor v
  where v.workspace_id = $1 and (v.id = any($2::uuid[]) or (v.root_id = any($2::uuid[]) and v.root_id <> v.id))
)`;
  const visitorOf = (alias: string): string =>
    `join ${schema}.visitor v on v.workspace_id = $1 and v.id = ${alias}.visitor_id`;
  // Those of the people themselves, those that take a conversion of theirs back or name it, and those that waited for
  // what has just arrived; each found by an index of its own. Arrays, not joins: a planner that takes the tables for small would
  // read all conversions once for each person.
  const find = named(
    'find',
    `
with ${people}, own as materialized (
  select c.id, c.type from ${schema}.conversion c
  where c.workspace_id = $1 and c.visitor_id = any(array(select p.id from people p))
), wanted as (
  select o.id from own o where o.type in ('refund', 'removal')
  union
  select r.id from ${schema}.conversion r where r.workspace_id = $1 and r.reverses_id = any(array(select o.id from own o))
  union
  select r.id from ${schema}.conversion r where r.workspace_id = $1
    and r.reverses_key = any(array(select o.id from own o) || $3::uuid[])
)
select ${reversalColumns} from ${schema}.conversion r ${visitorOf('r')}
where r.workspace_id = $1 and r.id = any(array(select w.id from wanted w))`,
  );
  const findOf = named(
    'find_of',
    `
select ${reversalColumns} from ${schema}.conversion r ${visitorOf('r')}
where r.workspace_id = $1 and (r.reverses_id = any($2::uuid[]) or r.reverses_key = any($2::uuid[]))`,
  );
  // Whoever tells of a conversion, and whoever names one to take it back, does so one after the other: neither would see
  // what the other one has not committed. In one order, so that nobody waits in a circle.
  const takeTurns = named(
    'take_turns',
    `
select pg_advisory_xact_lock(t.turn) from (
  select distinct hashtextextended($1::text || t.name::text, 9) as turn from unnest($2::uuid[]) as t(name) order by 1
) t`,
  );
  const resolve = named(
    'resolve',
    `select key, event_id from ${schema}.event_key where workspace_id = $1 and key = any($2::uuid[])`,
  );
  const findTargets = named(
    'targets',
    `
with ${people}, own as materialized (
  select * from ${schema}.conversion c
  where c.workspace_id = $1 and c.visitor_id = any(array(select p.id from people p)) and c.type not in ('refund', 'removal')
)
select ${targetColumns} from own c join people v on v.id = c.visitor_id`,
  );
  // Others may take back from the same conversions by name, whoever's they are, and tie them to another link: they wait
  // for this transaction.
  const lockTargets = named(
    'lock_targets',
    `
with locked as materialized (
  select * from ${schema}.conversion where workspace_id = $1 and id = any($2::uuid[]) and type not in ('refund', 'removal')
  order by id for no key update
)
select ${targetColumns} from locked c ${visitorOf('c')}`,
  );
  const settle = named(
    'settle',
    `
update ${schema}.conversion r set amount_minor = t.amount_minor, currency = t.currency, reverses_id = t.reverses_id,
  reverses_type = t.reverses_type, reverses_key = t.reverses_key, touch_id = t.touch_id, link_touch_id = t.link_touch_id, link_id = t.link_id
from unnest($2::uuid[], $3::int8[], $4::text[], $5::uuid[], $6::text[], $7::uuid[], $8::uuid[], $9::uuid[], $10::uuid[])
  as t(id, amount_minor, currency, reverses_id, reverses_type, reverses_key, touch_id, link_touch_id, link_id)
where r.workspace_id = $1 and r.id = t.id`,
  );
  const revenue = named(
    'revenue',
    `
insert into ${schema}.visitor_revenue (workspace_id, visitor_id, currency, amount_minor)
select $1::uuid, t.visitor_id, t.currency, sum(t.amount_minor) from unnest($2::uuid[], $3::text[], $4::int8[]) as t(visitor_id, currency, amount_minor)
group by t.visitor_id, t.currency order by t.visitor_id, t.currency
on conflict (workspace_id, visitor_id, currency) do update set amount_minor = visitor_revenue.amount_minor + excluded.amount_minor`,
  );

  return {
    /** Waits for whoever else tells of these keys and ids, until the end of the transaction. */
    takeTurns: (tx: Transaction, workspaceId: string, keys: readonly string[]) =>
      tx.run(takeTurns, [workspaceId, keys]),
    /** Every reversal that has to do with these people (by root), or names one of the keys. */
    findReversals: (
      tx: Transaction,
      workspaceId: string,
      roots: readonly string[],
      keys: readonly string[],
    ) => tx.run<ReversalRow>(find, [workspaceId, roots, keys]),
    /** What takes these conversions back, and what names them. */
    findReversalsOf: (tx: Transaction, workspaceId: string, conversionIds: readonly string[]) =>
      tx.run<ReversalRow>(findOf, [workspaceId, conversionIds]),
    /** The event that each key is of; without the keys that are not known. */
    async resolveKeys(
      tx: Transaction,
      workspaceId: string,
      keys: readonly string[],
    ): Promise<ReadonlyMap<string, string>> {
      const rows = await tx.run<{ key: string; event_id: string }>(resolve, [workspaceId, keys]);
      return new Map(rows.map((row) => [row.key, row.event_id]));
    },
    findTargets: (tx: Transaction, workspaceId: string, roots: readonly string[]) =>
      tx.run<TargetRow>(findTargets, [workspaceId, roots]),
    lockTargets: (tx: Transaction, workspaceId: string, ids: readonly string[]) =>
      tx.run<TargetRow>(lockTargets, [workspaceId, ids]),
    settleReversals: (tx: Transaction, workspaceId: string, rows: readonly SettledReversal[]) =>
      tx.run(settle, [
        workspaceId,
        rows.map((row) => row.id),
        rows.map((row) => row.amount_minor?.toString() ?? null),
        rows.map((row) => row.currency),
        rows.map((row) => row.reverses_id),
        rows.map((row) => row.reverses_type),
        rows.map((row) => row.reverses_key),
        rows.map((row) => row.touch_id),
        rows.map((row) => row.link_touch_id),
        rows.map((row) => row.link_id),
      ]),
    addVisitorRevenue: (tx: Transaction, workspaceId: string, rows: readonly VisitorRevenue[]) =>
      tx.run(revenue, [
        workspaceId,
        rows.map((row) => row.visitorId),
        rows.map((row) => row.currency),
        rows.map((row) => row.amountMinor.toString()),
      ]),
  };
}
