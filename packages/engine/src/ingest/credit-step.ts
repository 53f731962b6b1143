import type { ConversionStore } from '../attribution/conversion-store.ts';
import type { Crediting } from '../attribution/credit-store.ts';
import type { LinkCount, LinkDifference } from '../links/link-count.ts';
import type { LinkCounterStore } from '../links/link-counter-store.ts';
import type { Transaction } from '../store/connection.ts';
import type { LockedVisitor, VisitorStore } from '../visitors/visitor-store.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { isConversion } from './event.ts';
import type { IdentityStep } from './identity-step.ts';
import type { RecognitionMemory } from './recognition-memory.ts';
import type { VisitStep } from './visit-step.ts';

export interface CreditDependencies {
  readonly conversions: ConversionStore;
  readonly visitors: VisitorStore;
  readonly linkCounters: LinkCounterStore;
  readonly creditPeople: Crediting;
}

/** Inserts the batch's conversions and ties every conversion whose touches have changed. */
export async function creditBatch(
  dependencies: CreditDependencies,
  tx: Transaction,
  workspace: Workspace,
  identity: IdentityStep,
  visits: VisitStep,
  locked: ReadonlyMap<string, LockedVisitor>,
  recordedAt: number,
): Promise<LinkDifference> {
  const since = new Map<string, number>();
  const creditFrom = (root: string, at: number): void => {
    since.set(root, Math.min(since.get(root) ?? Infinity, at));
  };
  for (const winner of identity.winners) creditFrom(winner, 0);
  for (const touch of visits.touches) {
    const root = identity.rootOf(touch.visitorId);
    const newest = locked.get(root)?.last_conversion_at ?? undefined;
    if (newest !== undefined && touch.occurredAt <= newest) creditFrom(root, touch.occurredAt);
  }
  const conversions = visits.events.flatMap(({ resolved }) => {
    const { event } = resolved.planned.recognised;
    return resolved.stamped !== null && isConversion(event)
      ? [{ event, visitorId: resolved.stamped, recordedAt }]
      : [];
  });
  for (const row of conversions) creditFrom(identity.rootOf(row.visitorId), row.event.occurredAt);
  if (conversions.length > 0)
    void dependencies.conversions.insertConversions(tx, workspace.id, conversions);

  const revenue = visits.events.flatMap(({ resolved }) => {
    const { event } = resolved.planned.recognised;
    if (
      resolved.stamped === null ||
      event.amountMinor === undefined ||
      event.currency === undefined
    )
      return [];
    const sign = event.type === 'sale' ? 1n : event.type === 'refund' ? -1n : 0n;
    if (sign === 0n) return [];
    return [
      {
        visitorId: resolved.stamped,
        currency: event.currency,
        amountMinor: sign * BigInt(event.amountMinor),
      },
    ];
  });
  if (revenue.length > 0) void dependencies.visitors.addRevenue(tx, workspace.id, summed(revenue));

  if (since.size === 0) return { links: [], revenue: [] };
  return dependencies.creditPeople(
    tx,
    workspace.id,
    [...since.keys()],
    Math.min(...since.values()),
  );
}

function summed(
  rows: ReadonlyArray<{ visitorId: string; currency: string; amountMinor: bigint }>,
): Array<{ visitorId: string; currency: string; amountMinor: bigint }> {
  const sums = new Map<string, { visitorId: string; currency: string; amountMinor: bigint }>();
  for (const row of rows) {
    const key = `${row.visitorId} ${row.currency}`;
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { ...row });
    else sum.amountMinor += row.amountMinor;
  }
  return [...sums.values()];
}

/**
 * Moves the counters of links: clicks of this batch, and conversions whose link changed; one statement each. Returns
 * the pairs of link and visitor that have a row once the batch has committed.
 */
export function countLinks(
  dependencies: CreditDependencies & { readonly memory: Pick<RecognitionMemory, 'hasClicked'> },
  tx: Transaction,
  workspace: Workspace,
  visits: VisitStep,
  credit: LinkDifference,
): readonly string[] {
  const links = new Map<string, LinkCount>(credit.links.map((row) => [row.linkId, row]));
  const clickers = new Map<string, readonly [string, string]>();
  for (const { resolved } of visits.events) {
    const { event } = resolved.planned.recognised;
    if (event.type !== 'link_click' || event.linkId === undefined) continue;
    const link = links.get(event.linkId) ?? {
      linkId: event.linkId,
      clicks: 0,
      machineClicks: 0,
      leads: 0,
      sales: 0,
    };
    links.set(event.linkId, link);
    if (resolved.stamped === null) {
      link.machineClicks += 1;
    } else {
      link.clicks += 1;
      // Who has clicked a link before has its row, for ever: the process need not offer it again.
      const key = `${event.linkId} ${resolved.stamped}`;
      if (!dependencies.memory.hasClicked(key)) clickers.set(key, [event.linkId, resolved.stamped]);
    }
  }
  if (links.size > 0)
    dependencies.linkCounters.countLinks(
      tx,
      workspace.id,
      [...clickers.values()],
      [...links.values()],
    );
  if (credit.revenue.length > 0)
    void dependencies.linkCounters.addRevenue(tx, workspace.id, credit.revenue);
  return [...clickers.keys()];
}
