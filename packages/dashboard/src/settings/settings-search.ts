import { readChoice, readPageNumber, readReportSearch, readText } from '../report/report-search.ts';
import type { ReportSearch } from '../report/report-search.ts';
import { said } from '../report/said.ts';

export const settingsTabs = [
  'workspace',
  'domains',
  'keys',
  'channels',
  'referrals',
  'privacy',
  'data',
  'team',
  'audit',
  'account',
] as const;

/** What can be changed, as the audit log calls it. */
export const auditKinds = [
  'workspace',
  'member',
  'api_key',
  'domain',
  'link',
  'folder',
  'tag',
  'utm_template',
  'invitation',
  'referral_code',
  'reward_rule',
  'partner',
  'partner_program',
  'partner_coupon',
  'commission',
  'payout_batch',
  'payout',
  'connector',
  'webhook',
  'payment_source',
  'funnel',
  'project',
] as const;

export interface SettingsSearch extends ReportSearch {
  readonly tab?: (typeof settingsTabs)[number];
  /** Of the audit log, as are the period and the page. */
  readonly kind?: (typeof auditKinds)[number];
  readonly actor?: string;
  readonly page?: number;
}

export function readSettingsSearch(search: Record<string, unknown>): SettingsSearch {
  const tab = readChoice(search['tab'], settingsTabs);
  if (tab === undefined || tab === 'workspace') return {};
  if (tab !== 'audit') return { tab };
  const { period, from, to } = readReportSearch(search);
  return said({
    tab,
    period,
    from,
    to,
    kind: readChoice(search['kind'], auditKinds),
    actor: readText(search['actor']),
    page: readPageNumber(search['page']),
  });
}
