import type { BreakdownRow } from '@headwater/client/api';

import { useRead } from '../api/use-api.ts';

/** What came by these partners within 90 days: people, sales and revenue, in one question. */
export function usePartnerNumbers(ids: readonly string[]): ReadonlyMap<string, BreakdownRow> {
  const values = [...new Set(ids)].toSorted();
  const breakdown = useRead(
    'analyticsBreakdown',
    {
      days: 90,
      dimension: 'partner',
      metrics: 'people,sales,revenue',
      filters: JSON.stringify([{ dimension: 'partner', values }]),
      limit: 200,
    },
    { enabled: values.length > 0 },
  );
  return new Map(breakdown.data?.rows.map((row) => [row.value, row]));
}
