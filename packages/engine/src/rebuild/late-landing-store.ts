import type { Statement, Transaction } from '../store/connection.ts';
import type { Database } from '../store/database.ts';
import { quote } from '../store/migrate.ts';

/** A landing that was recorded before the click that it names. */
export interface LateLanding {
  readonly touch_id: string;
  readonly event_id: string;
  readonly visitor_id: string;
  readonly click_id: string;
  readonly clicker_id: string;
}

export function createLateLandingStore(schemaName: string) {
  const schema = quote(schemaName);
  const statement = (name: string, text: string): Statement => ({
    name: `${schemaName}.late_landing_${name}`,
    text,
  });
  // A landing joins within 30 minutes of its click (design law 5).
  const find = statement(
    'find',
    `
select distinct on (c.id) t.id as touch_id, t.event_id, t.visitor_id, c.id as click_id, c.visitor_id as clicker_id
from ${schema}.touch t
join ${schema}.touch c on c.workspace_id = t.workspace_id and c.id = (t.signals->>'hw_click')::uuid
where t.workspace_id = $1 and t.signals ? 'hw_click' and c.kind = 'click' and c.landed_at is null
  and t.occurred_at between c.occurred_at - interval '30 minutes' and c.occurred_at + interval '30 minutes'
order by c.id, t.occurred_at, t.event_id limit $2`,
  );
  const lock = statement(
    'lock',
    `
select id from ${schema}.visitor where workspace_id = $1 and id = any($2::uuid[]) and erased_at is null
order by id for no key update`,
  );
  const kinds = statement(
    'kinds',
    `select visitor_id, kind from ${schema}.identity where workspace_id = $1 and visitor_id = any($2::uuid[])`,
  );
  const land = statement(
    'land',
    `
update ${schema}.touch c set landed_at = t.occurred_at,
  signals = nullif((coalesce(t.signals, '{}'::jsonb) - 'hw_click') || coalesce(c.signals, '{}'::jsonb), '{}'::jsonb),
  consent = nullif(coalesce(c.consent, '{}'::jsonb) || coalesce(t.consent, '{}'::jsonb), '{}'::jsonb)
from unnest($2::uuid[], $3::uuid[]) as l(touch_id, click_id)
join ${schema}.touch t on t.workspace_id = $1 and t.id = l.touch_id
where c.workspace_id = $1 and c.id = l.click_id and c.landed_at is null`,
  );
  // What the landing named, and then the click's visitor: in the order that replays rely on.
  const testify = statement(
    'testify',
    `
insert into ${schema}.identity_evidence (workspace_id, event_id, occurred_at, recorded_at, visitor_ids, reason)
select $1::uuid, t.event_id, t.occurred_at, t.recorded_at, array[t.visitor_id, l.clicker_id], 'hw_click'
from unnest($2::uuid[], $3::uuid[]) as l(touch_id, clicker_id)
join ${schema}.touch t on t.workspace_id = $1 and t.id = l.touch_id
where t.visitor_id <> l.clicker_id
on conflict (workspace_id, event_id) do update set reason = 'hw_click',
  visitor_ids = array_append(array_remove(identity_evidence.visitor_ids, excluded.visitor_ids[2]), excluded.visitor_ids[2])`,
  );

  return {
    find: (database: Database, workspaceId: string, limit: number) =>
      database.run<LateLanding>(find, [workspaceId, limit]),
    lock: async (tx: Transaction, workspaceId: string, ids: readonly string[]) =>
      (await tx.run<{ id: string }>(lock, [workspaceId, ids])).map(({ id }) => id),
    findKinds: (tx: Transaction, workspaceId: string, ids: readonly string[]) =>
      tx.run<{ visitor_id: string; kind: string }>(kinds, [workspaceId, ids]),
    land: (tx: Transaction, workspaceId: string, landings: readonly LateLanding[]) =>
      tx.run(land, [
        workspaceId,
        landings.map((row) => row.touch_id),
        landings.map((row) => row.click_id),
      ]),
    testify: (tx: Transaction, workspaceId: string, landings: readonly LateLanding[]) =>
      tx.run(testify, [
        workspaceId,
        landings.map((row) => row.touch_id),
        landings.map((row) => row.clicker_id),
      ]),
  };
}
