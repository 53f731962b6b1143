import { createContext, useContext } from 'react';

import type { Answer, Api, Input, OperationName, RequestOptions } from '@headwater/client/api';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { QueryKey, UseMutationResult, UseQueryResult } from '@tanstack/react-query';

export const ApiContext = createContext<Api | undefined>(undefined);

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (api === undefined) throw new Error('There is no API around this component');
  return api;
}

type Call<Name extends OperationName> = (
  input: Input<Name>,
  options?: RequestOptions,
) => Promise<Answer<Name>>;

function callOf<Name extends OperationName>(api: Api, name: Name): Call<Name> {
  return api[name] as unknown as Call<Name>;
}

export interface ReadSettings<Data = never> {
  readonly enabled?: boolean;
  /** In milliseconds; by what was read last, where that decides whether it goes on. */
  readonly refetchInterval?: number | ((data: Data) => number | false);
  /** Shows the last answer until the next one is there. @default true */
  readonly keepsPrevious?: boolean;
}

/** One operation of the API, read once for each input and kept. */
export function useRead<Name extends OperationName>(
  name: Name,
  input: Input<Name>,
  settings: ReadSettings<Answer<Name>> = {},
): UseQueryResult<Answer<Name>> {
  const api = useApi();
  const { enabled = true, refetchInterval, keepsPrevious = true } = settings;
  return useQuery<Answer<Name>>({
    queryKey: [name, input],
    // What has no body answers `undefined`, which a query may not.
    queryFn: ({ signal }) => callOf(api, name)(input, { signal }),
    enabled,
    ...(refetchInterval !== undefined && {
      refetchInterval: ({ state: { data } }) =>
        typeof refetchInterval === 'number'
          ? refetchInterval
          : data !== undefined && refetchInterval(data),
    }),
    ...(keepsPrevious && { placeholderData: keepPreviousData }),
  });
}

/** One writing operation. What was read by the named operations is read again afterwards. */
export function useWrite<Name extends OperationName>(
  name: Name,
  stale: readonly OperationName[],
): UseMutationResult<Answer<Name>, Error, Input<Name>> {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Input<Name>) => callOf(api, name)(input),
    onSuccess: () =>
      Promise.all(
        stale.map((operation) =>
          queries.invalidateQueries({ queryKey: [operation] satisfies QueryKey }),
        ),
      ),
  });
}
