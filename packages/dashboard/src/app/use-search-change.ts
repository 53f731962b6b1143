import { useCallback } from 'react';

import { useNavigate } from '@tanstack/react-router';

/** Changes some of what the address of this view says; `undefined` takes a part away. */
export function useSearchChange<Search extends object>(): (
  change: { readonly [Name in keyof Search]?: Search[Name] | undefined },
  options?: { readonly replace?: boolean },
) => void {
  const navigate = useNavigate();
  return useCallback(
    (change, options) => {
      const search = (all: object) =>
        Object.fromEntries(
          Object.entries({ ...all, ...change }).filter(([, value]) => value !== undefined),
        );
      void navigate({ to: '.', search, ...options } as never);
    },
    [navigate],
  );
}
