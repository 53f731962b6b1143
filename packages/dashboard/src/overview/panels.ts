import type { FilterDimension } from '../report/filter.ts';

/** The lists of the overview; those of one panel are its tabs. */
export const panels: readonly (readonly FilterDimension[])[] = [
  ['channel', 'source', 'medium', 'referrer'],
  ['campaign', 'link', 'content', 'term'],
  ['page', 'entry_page', 'exit_page'],
  ['device_type', 'browser', 'system'],
  ['country', 'region', 'city'],
  ['event_type', 'event_name'],
];
