import { noLinkCount } from '../links/link-count.ts';
import type { LinkCount, LinkDifference, LinkRevenue } from '../links/link-count.ts';

/** Collects by how much the counters of links have to move. */
export interface LinkTally {
  /** Leads and sales are counted; registrations are not. */
  count(linkId: string, type: string, by: number): void;
  addRevenue(linkId: string, currency: string, amountMinor: bigint): void;
  difference(): LinkDifference;
}

export function createLinkTally(): LinkTally {
  const links = new Map<string, LinkCount>();
  const revenue = new Map<string, LinkRevenue>();
  return {
    count(linkId, type, by) {
      const link = links.get(linkId) ?? noLinkCount(linkId);
      links.set(linkId, link);
      if (type === 'lead') link.leads += by;
      if (type === 'sale') link.sales += by;
    },
    addRevenue(linkId, currency, amountMinor) {
      const key = `${linkId} ${currency}`;
      const row = revenue.get(key) ?? { linkId, currency, amountMinor: 0n };
      row.amountMinor += amountMinor;
      revenue.set(key, row);
    },
    difference: () => ({ links: [...links.values()], revenue: [...revenue.values()] }),
  };
}
