import { readChoice, readPageNumber, readText } from '../report/report-search.ts';
import { said } from '../report/said.ts';

export const partnerStatuses = ['active', 'disabled', 'archived'] as const;
export const commissionStatuses = [
  'review',
  'held',
  'available',
  'rejected',
  'reversed',
  'capped',
] as const;
export const payoutStatuses = ['pending', 'paid', 'failed'] as const;
export const partnerTabs = ['links', 'commissions', 'payouts', 'coupons', 'page'] as const;

export interface PartnersSearch {
  readonly q?: string;
  readonly status?: (typeof partnerStatuses)[number];
  readonly program?: string;
  readonly group?: string;
  readonly page?: number;
}

export function readPartnersSearch(search: Record<string, unknown>): PartnersSearch {
  return said({
    q: readText(search['q']),
    status: readChoice(search['status'], partnerStatuses),
    program: readId(search['program']),
    group: readText(search['group']),
    page: readPageNumber(search['page']),
  });
}

export interface PartnerSearch {
  readonly tab?: (typeof partnerTabs)[number];
  readonly page?: number;
}

export function readPartnerSearch(search: Record<string, unknown>): PartnerSearch {
  const tab = readChoice(search['tab'], partnerTabs);
  return said({
    tab: tab === 'links' ? undefined : tab,
    page: readPageNumber(search['page']),
  });
}

export interface ProgramsSearch {
  readonly archived?: 'with';
}

export function readProgramsSearch(search: Record<string, unknown>): ProgramsSearch {
  return said({ archived: readChoice(search['archived'], ['with'] as const) });
}

export interface CommissionsSearch {
  readonly status?: (typeof commissionStatuses)[number];
  readonly program?: string;
  readonly partner?: string;
  readonly page?: number;
}

export function readCommissionsSearch(search: Record<string, unknown>): CommissionsSearch {
  return said({
    status: readChoice(search['status'], commissionStatuses),
    program: readId(search['program']),
    partner: readId(search['partner']),
    page: readPageNumber(search['page']),
  });
}

export interface ReviewSearch {
  /** Those that somebody has decided, too. */
  readonly show?: 'all';
  readonly page?: number;
}

export function readReviewSearch(search: Record<string, unknown>): ReviewSearch {
  return said({
    show: readChoice(search['show'], ['all'] as const),
    page: readPageNumber(search['page']),
  });
}

export interface PayoutsSearch {
  readonly tab?: 'history';
  readonly program?: string;
  readonly unit?: string;
  /** In whole units of the currency. */
  readonly minimum?: number;
  readonly status?: (typeof payoutStatuses)[number];
  readonly partner?: string;
  readonly page?: number;
}

export function readPayoutsSearch(search: Record<string, unknown>): PayoutsSearch {
  const unit = readText(search['unit']);
  const { minimum } = search;
  return said({
    tab: readChoice(search['tab'], ['history'] as const),
    program: readId(search['program']),
    unit: unit !== undefined && /^[A-Z]{3}$/.test(unit) ? unit : undefined,
    minimum:
      typeof minimum === 'number' && minimum > 0 && minimum <= 1_000_000_000 ? minimum : undefined,
    status: readChoice(search['status'], payoutStatuses),
    partner: readId(search['partner']),
    page: readPageNumber(search['page']),
  });
}

export interface PayoutBatchSearch {
  readonly page?: number;
}

export function readPayoutBatchSearch(search: Record<string, unknown>): PayoutBatchSearch {
  return said({ page: readPageNumber(search['page']) });
}

/** An id; what is none would only be refused. */
function readId(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value)
    ? value
    : undefined;
}
