import { describe, expect, it } from 'vitest';

import { parseFilter, toApiFilters, writeFilter } from './filter.ts';
import { readFilters, readReportSearch, toggleFilter } from './report-search.ts';

describe('readReportSearch', () => {
  it('leaves out what makes no sense, and what is the default', () => {
    expect(
      readReportSearch({
        period: '30d',
        from: '2026-02-31x',
        to: 3,
        filters: ['channel:Email', 'nothing:x', 7, 'page:'],
        compare: 'always',
      }),
    ).toEqual({ filters: ['channel:Email'] });
  });

  it('takes days only in their order', () => {
    expect(readReportSearch({ from: '2026-02-02', to: '2026-02-01' })).toEqual({});
    expect(readReportSearch({ from: '2026-02-01', to: '2026-02-01' })).toEqual({
      from: '2026-02-01',
      to: '2026-02-01',
    });
  });
});

describe('filters of an address', () => {
  it('are read as they are written', () => {
    for (const filter of [
      { dimension: 'page', value: '/a:b?c', excludes: false },
      { dimension: 'country', value: null, excludes: true },
    ] as const)
      expect(parseFilter(writeFilter(filter))).toEqual(filter);
  });

  it('come and go with the same click', () => {
    const filter = { dimension: 'channel', value: 'Email', excludes: false } as const;
    const once = toggleFilter({ period: '7d' }, filter);
    expect(readFilters(once)).toEqual([filter]);
    expect(toggleFilter(once, filter)).toEqual({ period: '7d' });
  });

  it('are alternatives within a dimension, and hold together across them', () => {
    const filters = ['channel:Email', 'channel:Direct', 'country!:(not set)'].map((text) =>
      parseFilter(text)!,
    );
    expect(JSON.parse(toApiFilters(filters)!)).toEqual([
      { dimension: 'channel', values: ['Email', 'Direct'] },
      { dimension: 'country', values: [null], exclude: true },
    ]);
  });
});
