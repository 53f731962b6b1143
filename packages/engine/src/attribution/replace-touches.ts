import type { Transaction } from '../store/connection.ts';
import { quote } from '../store/migrate.ts';
import { findTouchPartners } from '../partners/find-touch-partners.ts';
import { createTouchStore } from './touch-store.ts';
import type { TouchRow } from './touch-store.ts';

export type { TouchRow } from './touch-store.ts';

/** A touch that turned out to be none, and the touch of the visit that its event belongs to instead. */
export interface DroppedTouch {
  readonly id: string;
  readonly heirId: string | null;
}

/**
 * Writes touches that turned out to be some, and takes away those that turned out to be none. What only these knew (cookies
 * of ad platforms, and what the person was asked) goes to the touch in their place.
 */
export async function replaceTouches(
  tx: Transaction,
  schema: string,
  workspaceId: string,
  {
    made,
    dropped,
  }: { readonly made: readonly TouchRow[]; readonly dropped: readonly DroppedTouch[] },
): Promise<void> {
  if (made.length > 0) {
    const touches = await findTouchPartners(tx, schema, workspaceId, made);
    createTouchStore(schema).insertTouches(tx, workspaceId, touches);
  }
  if (dropped.length === 0) return;
  await tx.run({ name: `${schema}.drop_touches`, text: dropText(quote(schema)) }, [
    workspaceId,
    dropped.map(({ id }) => id),
    dropped.map(({ heirId }) => heirId),
  ]);
}

/**
 * Of signals the first one of a name counts, as in a batch. Of consent the stricter answer: a refusal is not undone because
 * the page that it was given on was no arrival. `hw_click` is the arrival's own.
 */
function dropText(schema: string): string {
  return `
with gone as (
  delete from ${schema}.touch where workspace_id = $1 and id = any($2::uuid[]) returning id, occurred_at, signals, consent
), bequest as materialized (
  select h.heir_id, g.id, g.occurred_at, g.signals, g.consent
  from unnest($2::uuid[], $3::uuid[]) as h(id, heir_id) join gone g on g.id = h.id where h.heir_id is not null
), shown as (
  select b.heir_id, jsonb_object_agg(s.name, s.value order by b.occurred_at desc, b.id desc) as signals
  from bequest b cross join lateral jsonb_each(b.signals) as s(name, value) where s.name <> 'hw_click' group by b.heir_id
), said as (
  select b.heir_id, jsonb_object_agg(a.name, a.value order by b.occurred_at desc, b.id desc) as consent,
    jsonb_object_agg(a.name, a.value) filter (where a.value in ('"denied"', '"pending"', 'true')) as refused
  from bequest b cross join lateral jsonb_each(b.consent) as a(name, value) group by b.heir_id
)
update ${schema}.touch c set
  signals = nullif(coalesce(w.signals, '{}'::jsonb) || coalesce(c.signals, '{}'::jsonb), '{}'::jsonb),
  consent = nullif(coalesce(d.consent, '{}'::jsonb) || coalesce(c.consent, '{}'::jsonb) || coalesce(d.refused, '{}'::jsonb), '{}'::jsonb)
from (select distinct heir_id from bequest) h left join shown w on w.heir_id = h.heir_id left join said d on d.heir_id = h.heir_id
where c.workspace_id = $1 and c.id = h.heir_id and (w.heir_id is not null or d.heir_id is not null)`;
}
