import { useMemo, useState } from 'react';

import type { LinkResponse } from '@headwater/client/api';

/** As many as the API changes in one request. */
export const selectionMax = 1_000;

/** The links that are chosen, on whatever pages of the list they stand. */
export interface LinkSelection {
  readonly links: readonly LinkResponse[];
  has(id: string): boolean;
  /** Those beyond `selectionMax` are left out. */
  add(links: readonly LinkResponse[]): void;
  remove(links: readonly LinkResponse[]): void;
  clear(): void;
}

export function useLinkSelection(): LinkSelection {
  const [chosen, setChosen] = useState<ReadonlyMap<string, LinkResponse>>(new Map());
  return useMemo(
    () => ({
      links: [...chosen.values()],
      has: (id) => chosen.has(id),
      add: (links) =>
        setChosen((all) => {
          const next = [...all, ...links.map((link) => [link.id, link] as const)];
          return new Map(next.slice(0, selectionMax));
        }),
      remove: (links) =>
        setChosen((all) => {
          const next = new Map(all);
          for (const { id } of links) next.delete(id);
          return next;
        }),
      clear: () => setChosen(new Map()),
    }),
    [chosen],
  );
}
