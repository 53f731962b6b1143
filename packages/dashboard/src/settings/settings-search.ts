import { readChoice } from '../report/report-search.ts';

export const settingsTabs = [
  'workspace',
  'domains',
  'keys',
  'channels',
  'referrals',
  'privacy',
  'team',
  'account',
] as const;

export interface SettingsSearch {
  readonly tab?: (typeof settingsTabs)[number];
}

export function readSettingsSearch(search: Record<string, unknown>): SettingsSearch {
  const tab = readChoice(search['tab'], settingsTabs);
  return tab === undefined || tab === 'workspace' ? {} : { tab };
}
