import type { Transaction } from '../store/connection.ts';
import { balanceOf } from './conversion.ts';
import type { Reversal } from './conversion.ts';
import type { LinkTally } from './link-tally.ts';
import type { ReversalRow, ReversalStore, SettledReversal, TargetRow } from './reversal-store.ts';
import { tieReversals } from './tie-reversals.ts';
import type { ConversionToTie, ReversalToTie } from './tie-reversals.ts';

/**
 * Ties refunds and removals to what they take back, gives them the link of it, and counts the difference. Run after the
 * conversions of these people (by root, locked by the caller) were tied to their touches; `arrived` are the keys and
 * ids of conversions that are new.
 */
export async function settleReversals(
  store: ReversalStore,
  tx: Transaction,
  workspaceId: string,
  people: { readonly roots: readonly string[]; readonly arrived: readonly string[] },
  links: LinkTally,
): Promise<void> {
  const found = await store.findReversals(tx, workspaceId, people.roots, people.arrived);
  if (found.length === 0) return;
  const keys = found.flatMap((row) => row.reverses_key ?? []);
  const [events, own] = await Promise.all([
    store.resolveKeys(tx, workspaceId, keys),
    store.findTargets(tx, workspaceId, people.roots),
  ]);
  const namedBy = (row: ReversalRow): string | undefined =>
    row.reverses_key === null ? undefined : (events.get(row.reverses_key) ?? row.reverses_key);

  const isOwn = new Set(own.map((row) => row.id));
  const elsewhere = new Set(
    found
      .flatMap((row) => [namedBy(row) ?? [], row.reverses_id ?? []].flat())
      .filter((id) => !isOwn.has(id)),
  );
  const others =
    elsewhere.size === 0 ? [] : await store.lockTargets(tx, workspaceId, [...elsewhere].sort());
  const theirReversals =
    others.length === 0
      ? []
      : await store.findReversalsOf(
          tx,
          workspaceId,
          others.map((row) => row.id),
        );
  const rows = [...new Map([...found, ...theirReversals].map((row) => [row.id, row])).values()];
  const targets = new Map([...own, ...others].map((row) => [row.id, row]));
  const roots = new Set(people.roots);

  // What names nothing belongs to its person, who may be somebody else's to decide. What takes back a conversion that is
  // not kept any more has taken it back for ever.
  const stays = (row: ReversalRow): boolean =>
    (row.reverses_key === null && !roots.has(row.root_id)) ||
    (row.reverses_id !== null && !targets.has(row.reverses_id));
  const ties = tieReversals(
    rows.filter((row) => !stays(row)).map((row) => toTie(row, namedBy(row))),
    [...targets.values()].map(toTarget),
  );
  const tieOf = (row: ReversalRow): string | null =>
    stays(row) ? row.reverses_id : (ties.get(row.id) ?? null);

  const settled = settle(rows, targets, tieOf);
  const changed = rows.flatMap((row) => {
    const after = settled.get(row.id);
    return after === undefined || isSame(row, after) ? [] : [{ row, after }];
  });
  if (changed.length === 0) return;
  await store.settleReversals(
    tx,
    workspaceId,
    changed.map(({ after }) => after),
  );
  const revenue = changed.flatMap(({ row, after }) =>
    row.type === 'removal'
      ? [...removedRevenue(row, row, -1n), ...removedRevenue(row, after, 1n)]
      : [],
  );
  if (revenue.length > 0) await store.addVisitorRevenue(tx, workspaceId, revenue);
  for (const { row, after } of changed) {
    takeRevenue(links, row, -1n);
    takeRevenue(links, after, 1n);
  }
  const removals = rows.filter((row) => row.type === 'removal');
  countRemoved(links, removals, 1);
  countRemoved(
    links,
    removals.map((row) => settled.get(row.id) ?? row),
    -1,
  );
}

/** What each row says once it is tied: the touches and the link of its conversion, and what a removal takes. */
function settle(
  rows: readonly ReversalRow[],
  targets: ReadonlyMap<string, TargetRow>,
  tieOf: (row: ReversalRow) => string | null,
): ReadonlyMap<string, SettledReversal> {
  const settled = new Map<string, SettledReversal>();
  for (const [conversionId, tied] of Map.groupBy(rows, tieOf)) {
    const target = conversionId === null ? undefined : targets.get(conversionId);
    if (target === undefined) {
      // What is tied elsewhere stays as it is; what is tied to nothing takes nothing yet, where it has no amount.
      for (const row of tied) {
        if (conversionId !== null) continue;
        const isRemoval = row.type === 'removal';
        settled.set(row.id, {
          id: row.id,
          amount_minor: isRemoval ? null : row.amount_minor,
          currency: isRemoval ? null : row.currency,
          reverses_id: null,
          reverses_type: row.reverses_type,
          touch_id: null,
          link_touch_id: null,
          link_id: null,
        });
      }
      continue;
    }
    const { reversals } = balanceOf(target.amount_minor ?? undefined, tied.map(toReversal));
    for (const { id, kind, amountMinor } of reversals) {
      const paid = target.amount_minor !== null;
      settled.set(id, {
        id,
        amount_minor: kind === 'refund' || paid ? amountMinor : null,
        currency: target.currency,
        reverses_id: target.id,
        reverses_type: target.type,
        touch_id: target.touch_id,
        link_touch_id: target.link_touch_id,
        link_id: target.link_id,
      });
    }
  }
  return settled;
}

function takeRevenue(links: LinkTally, row: SettledReversal, sign: bigint): void {
  if (row.link_id === null || row.reverses_id === null || row.reverses_type !== 'sale') return;
  if (row.amount_minor !== null && row.currency !== null)
    links.addRevenue(row.link_id, row.currency, sign * row.amount_minor);
}

/** A conversion that was removed counts no more, however often it was removed. */
function countRemoved(links: LinkTally, removals: readonly SettledReversal[], by: 1 | -1): void {
  const removed = new Map(removals.map((row) => [row.reverses_id, row]));
  for (const {
    link_id: linkId,
    reverses_id: conversionId,
    reverses_type: goal,
  } of removed.values())
    if (linkId !== null && conversionId !== null) links.count(linkId, goal, by);
}

/** A refund's amount is the visitor's from its event on; that of a removal is known only with what it takes back. */
function removedRevenue(
  { visitor_id: visitorId }: ReversalRow,
  row: SettledReversal,
  sign: bigint,
) {
  const { amount_minor: amount, currency, reverses_type: goal } = row;
  if (amount === null || currency === null || goal !== 'sale') return [];
  return [{ visitorId, currency, amountMinor: sign * amount }];
}

function isSame(row: ReversalRow, after: SettledReversal): boolean {
  return (
    row.amount_minor === after.amount_minor &&
    row.currency === after.currency &&
    row.reverses_id === after.reverses_id &&
    row.reverses_type === after.reverses_type &&
    row.touch_id === after.touch_id &&
    row.link_touch_id === after.link_touch_id &&
    row.link_id === after.link_id
  );
}

function toTie(row: ReversalRow, named: string | undefined): ReversalToTie {
  return {
    id: row.id,
    kind: row.type,
    personId: row.root_id,
    goal: row.reverses_type,
    occurredAt: row.occurred_at.getTime(),
    // What a removal took is found again each time.
    amountMinor: row.type === 'removal' ? 0n : (row.amount_minor ?? 0n),
    currency: row.currency ?? undefined,
    named,
    scope: row.scope ?? undefined,
  };
}

function toTarget(row: TargetRow): ConversionToTie {
  return {
    id: row.id,
    personId: row.root_id,
    goal: row.type,
    occurredAt: row.occurred_at.getTime(),
    amountMinor: row.amount_minor ?? undefined,
    currency: row.currency ?? undefined,
    scope: row.scope ?? undefined,
  };
}

function toReversal(row: ReversalRow): Reversal {
  return {
    id: row.id,
    kind: row.type,
    occurredAt: row.occurred_at.getTime(),
    recordedAt: row.recorded_at.getTime(),
    amountMinor: row.amount_minor ?? 0n,
  };
}
