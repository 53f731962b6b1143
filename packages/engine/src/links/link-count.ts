/** By how much the counters of one link move. */
export interface LinkCount {
  readonly linkId: string;
  clicks: number;
  uniqueClicks: number;
  machineClicks: number;
  leads: number;
  sales: number;
}

export function noLinkCount(linkId: string): LinkCount {
  return { linkId, clicks: 0, uniqueClicks: 0, machineClicks: 0, leads: 0, sales: 0 };
}

export interface LinkRevenue {
  readonly linkId: string;
  readonly currency: string;
  amountMinor: bigint;
}

/** By how much the counters of several links move. */
export interface LinkDifference {
  readonly links: readonly LinkCount[];
  readonly revenue: readonly LinkRevenue[];
}
