import { day } from '../kernel/clock.ts';
import type { LinkDifference } from '../links/link-count.ts';
import { timestamp } from '../store/batch-insert.ts';
import type { Statement, Transaction } from '../store/connection.ts';
import { quote } from '../store/migrate.ts';
import { createLinkTally } from './link-tally.ts';
import { createReversalStore } from './reversal-store.ts';
import { settleReversals } from './settle-reversals.ts';

/** How far back a touch may lie to be what brought a conversion (the life of `_hw_click`, design §4.3). */
const lookbackMilliseconds = 90 * day;

interface CreditedConversion {
  readonly id: string;
  readonly type: string;
  readonly amount_minor: bigint | null;
  readonly currency: string | null;
  readonly old_link_id: string | null;
  readonly new_link_id: string | null;
}

/** What a transaction adds, by keys and ids of events. */
export interface NewConversions {
  readonly arrived?: readonly string[] | undefined;
  readonly named?: readonly string[] | undefined;
}

export type Crediting = ReturnType<typeof createCrediting>;

/**
 * Ties conversions to the touches that brought them: the last one that is not direct, and the last one of a link of
 * ours; what somebody only saw earns nothing here. A refund has those of what it takes back. It is derived from the touches of the whole person each time something changes (a conversion, a late touch,
 * a merge, an undo), and the caller moves the links' counters by the difference: they are exact whatever the order.
 */
export function createCrediting(schemaName: string) {
  const schema = quote(schemaName);
  const reversals = createReversalStore(schemaName);
  const credit: Statement = {
    name: `${schemaName}.credit_conversions`,
    // One pass over the conversions of the given people; each looks up its touches by (visitor, time).
    text: `
with people as (
  select v.id, v.root_id from ${schema}.visitor v
  where v.workspace_id = $1 and (v.id = any($2::uuid[]) or (v.root_id = any($2::uuid[]) and v.root_id <> v.id))
), due as (
  select c.id, p.root_id, c.occurred_at, c.link_id
  from people p join ${schema}.conversion c on c.workspace_id = $1 and c.visitor_id = p.id
  where c.occurred_at >= $3::timestamptz and c.type not in ('refund', 'removal')
  order by c.id
), found as (
  select d.id, d.link_id as old_link_id, any_touch.id as touch_id, link_touch.id as link_touch_id, link_touch.link_id
  from due d
  left join lateral (
    select t.id from people p join ${schema}.touch t on t.workspace_id = $1 and t.visitor_id = p.id
    where p.root_id = d.root_id and t.kind <> 'view'
      and t.occurred_at <= d.occurred_at and t.occurred_at > d.occurred_at - $4::interval
    order by (t.kind = 'direct'), t.occurred_at desc, t.id desc limit 1
  ) any_touch on true
  left join lateral (
    select t.id, t.link_id from people p join ${schema}.touch t on t.workspace_id = $1 and t.visitor_id = p.id
    where p.root_id = d.root_id and t.link_id is not null and t.kind <> 'view'
      and t.occurred_at <= d.occurred_at and t.occurred_at > d.occurred_at - $4::interval
    order by t.occurred_at desc, t.id desc limit 1
  ) link_touch on true
)
update ${schema}.conversion c set touch_id = f.touch_id, link_touch_id = f.link_touch_id, link_id = f.link_id
from found f
where c.workspace_id = $1 and c.id = f.id
  and (c.touch_id, c.link_touch_id, c.link_id) is distinct from (f.touch_id, f.link_touch_id, f.link_id)
returning c.id, c.type, c.amount_minor, c.currency, f.old_link_id, c.link_id as new_link_id`,
  };

  /**
   * Brings the conversions since `from` (milliseconds) of these people (by root) up to date, and whatever takes them
   * back. The roots are locked by the caller; `arrived` are the keys and ids of new conversions, for which refunds may
   * have waited, and `named` the conversions that new refunds name. Returns by how much the counters of links have to move.
   */
  return async function creditPeople(
    tx: Transaction,
    workspaceId: string,
    roots: readonly string[],
    from: number,
    { arrived = [], named = [] }: NewConversions = {},
  ): Promise<LinkDifference> {
    if (arrived.length + named.length > 0)
      void reversals.takeTurns(tx, workspaceId, [...arrived, ...named]);
    const changed = await tx.run<CreditedConversion>(credit, [
      workspaceId,
      roots,
      timestamp(Math.max(from, 0)),
      `${lookbackMilliseconds / 1_000} seconds`,
    ]);
    const links = createLinkTally();
    const count = (linkId: string | null, conversion: CreditedConversion, sign: 1 | -1): void => {
      if (linkId === null) return;
      links.count(linkId, conversion.type, sign);
      if (conversion.type !== 'sale') return;
      if (conversion.amount_minor === null || conversion.currency === null) return;
      links.addRevenue(linkId, conversion.currency, BigInt(sign) * conversion.amount_minor);
    };
    for (const conversion of changed) {
      if (conversion.old_link_id === conversion.new_link_id) continue;
      count(conversion.old_link_id, conversion, -1);
      count(conversion.new_link_id, conversion, 1);
    }
    await settleReversals(reversals, tx, workspaceId, { roots, arrived }, links);
    return links.difference();
  };
}
