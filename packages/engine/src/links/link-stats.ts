import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findLink, selectCounters, selectRevenue } from './link-store.ts';
import { linkNotFound } from './update-link.ts';

export interface LinkStats {
  readonly clicks: number;
  /** The visitors that clicks were stamped with; a later merge changes nothing. */
  readonly uniqueClicks: number;
  /** Bots, crawlers and previews: never part of `clicks`. */
  readonly machineClicks: number;
  readonly leads: number;
  readonly sales: number;
  /** In the workspace's currency. */
  readonly revenueMinor: bigint;
  /** In every currency. */
  readonly revenue: readonly { readonly currency: string; readonly amountMinor: bigint }[];
}

/** The counters of a link, archived or not. */
export async function linkStats(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<Result<LinkStats, Refusal & { readonly code: 'link_not_found' }>> {
  if (!isUuid(id) || (await findLink(context.database.db, workspace.id, id)) === undefined)
    return linkNotFound();
  const stats = await linkStatsById(context, workspace, [id]);
  return ok(stats.get(id.toLowerCase())!);
}

/** The counters of several links of the workspace, by id: two queries, however many. */
export async function linkStatsById(
  context: Context,
  workspace: Workspace,
  ids: readonly string[],
): Promise<ReadonlyMap<string, LinkStats>> {
  if (ids.length === 0) return new Map();
  const [counters, revenue] = await Promise.all([
    selectCounters(context.database.db, workspace.id, ids),
    selectRevenue(context.database.db, workspace.id, ids),
  ]);
  const counterOf = new Map(counters.map((counter) => [counter.linkId, counter]));
  const revenueOf = Map.groupBy(revenue, (row) => row.linkId);
  return new Map(
    ids.map((given) => {
      const id = given.toLowerCase();
      const counter = counterOf.get(id);
      const amounts = (revenueOf.get(id) ?? []).map(({ currency, amountMinor }) => ({
        currency,
        amountMinor,
      }));
      return [
        id,
        {
          clicks: counter?.clicks ?? 0,
          uniqueClicks: counter?.uniqueClicks ?? 0,
          machineClicks: counter?.machineClicks ?? 0,
          leads: counter?.leads ?? 0,
          sales: counter?.sales ?? 0,
          revenueMinor:
            amounts.find(({ currency }) => currency === workspace.currency)?.amountMinor ?? 0n,
          revenue: amounts,
        },
      ];
    }),
  );
}
