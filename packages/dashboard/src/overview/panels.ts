import type { FilterDimension } from '../report/filter.ts';

/** The lists of the overview; those of one panel are its tabs. */
export const panels: readonly (readonly FilterDimension[])[] = [
  ['channel', 'source', 'medium', 'referrer'],
  ['campaign', 'link', 'content', 'term'],
  ['page', 'entry_page', 'exit_page'],
  ['country', 'region', 'city'],
  ['device_type', 'browser', 'system'],
  ['event_type', 'event_name'],
];
