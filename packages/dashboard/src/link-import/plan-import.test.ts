import type { ImportLinksResponse } from '@headwater/client/api';
import { describe, expect, it } from 'vitest';

import { planImport } from './plan-import.ts';

type Result = ImportLinksResponse['results'][number];

function checked(...outcomes: readonly Result['outcome'][]): ImportLinksResponse {
  const results = outcomes.map((outcome, index): Result => {
    const status = outcome === 'refused' ? 'error' : 'ok';
    return { row: index + 2, status, outcome, notes: [] };
  });
  const count = (name: string): number => outcomes.filter((outcome) => outcome === name).length;
  return {
    dry_run: true,
    created: count('created'),
    updated: count('updated'),
    unchanged: count('unchanged'),
    skipped: count('skipped'),
    refused: count('refused'),
    ignored_columns: [],
    results,
  };
}

describe('planImport', () => {
  it('leaves out what the dry run refused or skipped, and says so in the report', () => {
    const { parts, report } = planImport(
      'key,url\r\na,1\r\nb,2\r\na,3\r\n',
      checked('created', 'skipped', 'refused'),
    );
    expect(parts.map(({ content }) => content)).toEqual(['key,url\r\na,1\r\n\r\n\r\n']);
    expect(report).toMatchObject({ dry_run: false, created: 0, skipped: 1, refused: 1 });
    expect(report.results.map(({ row }) => row)).toEqual([3, 4]);
  });

  it('leaves out a repeat that would be in another part, and sends no part of nothing', () => {
    const keys = Array.from({ length: 201 }, (_, index) => `k${index}`);
    const content = ['key,url', ...keys, 'k0'].join('\n');
    const all = checked(...keys.map(() => 'created' as const), 'refused');
    const { parts } = planImport(content, all);
    expect(parts.map(({ records, lineOffset }) => [records, lineOffset])).toEqual([
      [200, 0],
      [1, 200],
    ]);
    expect(parts[1]!.content).toBe('key,url\nk200\n\n');
  });

  it('sends as a whole what it cannot tell apart', () => {
    const content = '[{"key":"a"},{"key":"a"}]';
    const { parts, report } = planImport(content, checked('created', 'refused'));
    expect(parts).toEqual([{ content, records: 1, lineOffset: 0 }]);
    expect(report).toMatchObject({ refused: 0, results: [] });
  });
});
