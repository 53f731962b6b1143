/** By how much the counters of one link move. */
export interface LinkCount {
  readonly linkId: string;
  clicks: number;
  machineClicks: number;
  leads: number;
  sales: number;
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
