import { readChoice } from '../report/report-search.ts';
import { said } from '../report/said.ts';

export const labelTabs = ['folders', 'tags', 'templates'] as const;

export interface LabelsSearch {
  readonly tab?: (typeof labelTabs)[number];
}

export function readLabelsSearch(search: Record<string, unknown>): LabelsSearch {
  const tab = readChoice(search['tab'], labelTabs);
  return said({ tab: tab === 'folders' ? undefined : tab });
}
