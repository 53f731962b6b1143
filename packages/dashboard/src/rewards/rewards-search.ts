import { readChoice, readPageNumber, readText } from '../report/report-search.ts';
import { said } from '../report/said.ts';

export const rewardSides = ['referrer', 'referee'] as const;
export const rewardStatuses = ['held', 'available', 'reversed', 'capped'] as const;
export const entryKinds = [
  'earning',
  'adjustment',
  'payout',
  'reversal',
  'payout_reversal',
] as const;

export interface RewardsSearch {
  readonly tab?: 'rules';
  readonly account?: string;
  readonly side?: (typeof rewardSides)[number];
  readonly status?: (typeof rewardStatuses)[number];
  readonly page?: number;
}

export function readRewardsSearch(search: Record<string, unknown>): RewardsSearch {
  return said({
    tab: readChoice(search['tab'], ['rules'] as const),
    account: readText(search['account']),
    side: readChoice(search['side'], rewardSides),
    status: readChoice(search['status'], rewardStatuses),
    page: readPageNumber(search['page']),
  });
}

export interface LedgerSearch {
  readonly account?: string;
  readonly kind?: (typeof entryKinds)[number];
  readonly unit?: string;
  readonly page?: number;
}

export function readLedgerSearch(search: Record<string, unknown>): LedgerSearch {
  return said({
    account: readText(search['account']),
    kind: readChoice(search['kind'], entryKinds),
    unit: readText(search['unit']),
    page: readPageNumber(search['page']),
  });
}
