import type { ConversionStore } from '../attribution/conversion-store.ts';
import type { Crediting } from '../attribution/credit-store.ts';
import { reversalReference } from '../attribution/reversal-reference.ts';
import { noLinkCount } from '../links/link-count.ts';
import type { LinkCount, LinkDifference } from '../links/link-count.ts';
import type { LinkCounterStore, LinkVisitor } from '../links/link-counter-store.ts';
import type { Transaction } from '../store/connection.ts';
import type { VisitorState, VisitorStore } from '../visitors/visitor-store.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { isConversion } from './event.ts';
import type { IncomingEvent } from './event.ts';
import type { IdentityStep } from './identity-step.ts';
import type { RecognitionMemory } from './recognition-memory.ts';
import type { VisitStep } from './visit-step.ts';

export interface CreditDependencies {
  readonly conversions: ConversionStore;
  readonly visitors: VisitorStore;
  readonly linkCounters: LinkCounterStore;
  readonly creditPeople: Crediting;
}

/** Inserts the batch's conversions and refunds, and ties every conversion whose touches have changed. */
export async function creditBatch(
  dependencies: CreditDependencies,
  tx: Transaction,
  workspace: Workspace,
  identity: IdentityStep,
  visits: VisitStep,
  states: ReadonlyMap<string, VisitorState>,
  recordedAt: number,
): Promise<LinkDifference> {
  const since = new Map<string, number>();
  const creditFrom = (root: string, at: number): void => {
    since.set(root, Math.min(since.get(root) ?? Infinity, at));
  };
  for (const winner of identity.winners) creditFrom(winner, 0);
  for (const touch of visits.touches) {
    const root = identity.rootOf(touch.visitorId);
    const newest = states.get(root)?.last_conversion_at ?? undefined;
    if (newest !== undefined && touch.occurredAt <= newest) creditFrom(root, touch.occurredAt);
  }
  const conversions: NewConversion[] = [];
  const revenue: Revenue[] = [];
  for (const { resolved } of visits.events) {
    const { event } = resolved.planned.recognised;
    const visitorId = resolved.stamped;
    if (visitorId === null) continue;
    if (isConversion(event) || event.type === 'refund')
      conversions.push({ event, visitorId, recordedAt });
    const { amountMinor, currency } = event;
    if (amountMinor === undefined || currency === undefined) continue;
    const sign = event.type === 'sale' ? 1n : event.type === 'refund' ? -1n : 0n;
    if (sign !== 0n) revenue.push({ visitorId, currency, amountMinor: sign * BigInt(amountMinor) });
  }
  for (const row of conversions) creditFrom(identity.rootOf(row.visitorId), row.event.occurredAt);
  if (conversions.length > 0)
    void dependencies.conversions.insertConversions(tx, workspace.id, conversions);

  if (revenue.length > 0) void dependencies.visitors.addRevenue(tx, workspace.id, summed(revenue));

  if (since.size === 0) return { links: [], revenue: [] };
  return dependencies.creditPeople(
    tx,
    workspace.id,
    [...since.keys()],
    Math.min(...since.values()),
    {
      // Refunds may have waited for these; they name them by key or by id.
      arrived: conversions.flatMap(({ event }) =>
        isConversion(event) ? [event.key, event.id] : [],
      ),
      named: conversions.flatMap(({ event }) => reversalReference(event)?.key ?? []),
    },
  );
}

interface NewConversion {
  readonly event: IncomingEvent;
  readonly visitorId: string;
  readonly recordedAt: number;
}

interface Revenue {
  readonly visitorId: string;
  readonly currency: string;
  amountMinor: bigint;
}

function summed(rows: readonly Revenue[]): Revenue[] {
  const sums = new Map<string, Revenue>();
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
  states: ReadonlyMap<string, VisitorState>,
  credit: LinkDifference,
): readonly string[] {
  const { linkCounters, memory } = dependencies;
  const links = new Map<string, LinkCount>(credit.links.map((row) => [row.linkId, row]));
  const unsure = new Map<string, LinkVisitor>();
  const fresh = new Map<string, LinkVisitor>();
  for (const { resolved } of visits.events) {
    const { stamped, planned } = resolved;
    const { type, linkId } = planned.recognised.event;
    if (type !== 'link_click' || linkId === undefined) continue;
    const link = links.get(linkId) ?? noLinkCount(linkId);
    links.set(linkId, link);
    if (stamped === null) {
      link.machineClicks += 1;
      continue;
    }
    link.clicks += 1;
    const pair = `${linkId} ${stamped}`;
    // Who has clicked a link before has its row, for ever: the process need not offer it again.
    if (memory.hasClicked(pair) || fresh.has(pair)) continue;
    if (states.has(stamped)) {
      unsure.set(pair, [linkId, stamped]);
    } else {
      fresh.set(pair, [linkId, stamped]);
      link.uniqueClicks += 1;
    }
  }
  if (fresh.size > 0) linkCounters.insertVisitors(tx, workspace.id, [...fresh.values()]);
  if (links.size > 0)
    linkCounters.countLinks(tx, workspace.id, [...unsure.values()], [...links.values()]);
  if (credit.revenue.length > 0) void linkCounters.addRevenue(tx, workspace.id, credit.revenue);
  return [...unsure.keys(), ...fresh.keys()];
}
