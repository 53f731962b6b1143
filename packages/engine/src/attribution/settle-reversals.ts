import type { Transaction } from '../store/connection.ts';
import { balanceOf } from './conversion.ts';
import type { Reversal } from './conversion.ts';
import type { LinkTally } from './link-tally.ts';
import { readReversals } from './read-reversals.ts';
import type { NamedBy } from './read-reversals.ts';
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
  const { rows, targets, namedBy } = await readReversals(store, tx, workspaceId, people);
  if (rows.length === 0) return;
  const roots = new Set(people.roots);

  // What names nothing belongs to its person, who may be somebody else's to decide. What takes back a conversion that is
  // not kept any more has taken it back for ever.
  const stays = (row: ReversalRow): boolean =>
    (row.reverses_key === null && !roots.has(row.root_id)) ||
    (row.reverses_id !== null && !targets.has(row.reverses_id));
  const standing = rows.filter(stays).flatMap(({ reverses_id: conversionId, ...row }) => {
    const { type: kind, amount_minor: amountMinor } = row;
    return conversionId === null ? [] : [{ conversionId, kind, amountMinor: amountMinor ?? 0n }];
  });
  const ties = tieReversals(
    rows.filter((row) => !stays(row)).map((row) => toTie(row, namedBy(row))),
    [...targets.values()].map(toTarget),
    standing,
  );
  const tieOf = (row: ReversalRow): string | null =>
    stays(row) ? row.reverses_id : (ties.get(row.id) ?? null);

  const settled = settle(rows, targets, tieOf, namedBy);
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
  namedBy: NamedBy,
): ReadonlyMap<string, SettledReversal> {
  const settled = new Map<string, SettledReversal>();
  for (const [conversionId, tied] of Map.groupBy(rows, tieOf)) {
    const target = conversionId === null ? undefined : targets.get(conversionId);
    if (target === undefined) {
      // What is tied elsewhere stays as it is; what is tied to nothing takes nothing yet, where it has no amount.
      for (const row of tied) {
        if (conversionId !== null) continue;
        const isRemoval = row.type === 'removal';
        const name = namedBy(row);
        // Whatever gets to take it back, and in whatever order they were told: what it names stays what it is.
        const named = name === undefined ? undefined : targets.get(name);
        settled.set(row.id, {
          id: row.id,
          amount_minor: isRemoval ? null : row.amount_minor,
          currency: isRemoval ? null : row.currency,
          reverses_id: null,
          reverses_type: named?.type ?? row.reverses_type,
          reverses_key: name ?? null,
          touch_id: null,
          link_touch_id: null,
          link_id: null,
        });
      }
      continue;
    }
    const { reversals } = balanceOf(target.amount_minor ?? undefined, tied.map(toReversal));
    const nameOf = new Map(tied.map((row) => [row.id, namedBy(row) ?? null]));
    for (const { id, kind, amountMinor } of reversals) {
      const paid = target.amount_minor !== null;
      settled.set(id, {
        id,
        amount_minor: kind === 'refund' || paid ? amountMinor : null,
        currency: target.currency,
        reverses_id: target.id,
        reverses_type: target.type,
        reverses_key: nameOf.get(id) ?? null,
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
    row.reverses_key === after.reverses_key &&
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
