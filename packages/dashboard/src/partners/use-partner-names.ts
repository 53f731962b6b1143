import { useRead } from '../api/use-api.ts';

/** The names of these partners by their ids, in one question; at most 200. */
export function usePartnerNames(ids: readonly string[]): ReadonlyMap<string, string> {
  const wanted = [...new Set(ids)].toSorted();
  const partners = useRead(
    'listPartners',
    { ids: wanted.join(','), limit: 200 },
    { enabled: wanted.length > 0 },
  );
  return new Map(partners.data?.map(({ id, name }) => [id, name]));
}
