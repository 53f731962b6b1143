import { useState } from 'react';

import type { LinkBatchResponse, LinkResponse } from '@headwater/client/api';
import { useQueryClient } from '@tanstack/react-query';

import { useApi } from '../api/use-api.ts';
import type { BulkChange } from './bulk-changes.ts';
import { staleWithLinks } from './stale-links.ts';

/** So many in one request: each is a step of the progress. */
const batchSize = 100;

export interface BulkOutcome {
  readonly link: LinkResponse;
  readonly outcome: LinkBatchResponse['results'][number]['outcome'];
  /** Why it is refused. */
  readonly problem: string | undefined;
}

export interface BulkRun {
  readonly outcomes: readonly BulkOutcome[];
  readonly all: number;
  readonly isRunning: boolean;
  /** What has ended it before all were through. */
  readonly fault: unknown;
  change(changes: readonly BulkChange[]): Promise<void>;
  archive(links: readonly LinkResponse[]): Promise<void>;
}

/** Changes or archives links batch by batch, and keeps what became of each. */
export function useBulkRun(): BulkRun {
  const api = useApi();
  const queries = useQueryClient();
  const [outcomes, setOutcomes] = useState<readonly BulkOutcome[]>([]);
  const [all, setAll] = useState(0);
  const [isRunning, setRunning] = useState(false);
  const [fault, setFault] = useState<unknown>();

  async function run<Item>(
    items: readonly Item[],
    linkOf: (item: Item) => LinkResponse,
    send: (batch: readonly Item[]) => Promise<LinkBatchResponse>,
  ): Promise<void> {
    setAll(items.length);
    setRunning(true);
    try {
      for (let start = 0; start < items.length; start += batchSize) {
        const batch = items.slice(start, start + batchSize);
        // One after the other: what is shown is how far it has come.
        // oxlint-disable-next-line no-await-in-loop
        const { results } = await send(batch);
        const told = results.map(({ index, outcome, error, errors }) => ({
          link: linkOf(batch[index]!),
          outcome,
          problem: problemWords(error, errors),
        }));
        setOutcomes((before) => [...before, ...told]);
      }
    } catch (error) {
      setFault(error);
    } finally {
      setRunning(false);
      for (const operation of staleWithLinks)
        void queries.invalidateQueries({ queryKey: [operation] });
    }
  }

  return {
    outcomes,
    all,
    isRunning,
    fault,
    change: (changes) =>
      run(
        changes,
        ({ link }) => link,
        (batch) =>
          api.updateLinks({
            body: { links: batch.map(({ link, params }) => ({ id: link.id, ...params })) },
          }),
      ),
    archive: (links) =>
      run(
        links,
        (link) => link,
        (batch) => api.archiveLinks({ body: { ids: batch.map(({ id }) => id) } }),
      ),
  };
}

/** The server's own words, with the fields that they are about. */
export function problemWords(
  error: string | undefined,
  errors: Readonly<Record<string, readonly string[]>> | undefined,
): string | undefined {
  const fields = Object.entries(errors ?? {}).map(
    ([field, problems]) => `${field} ${problems.join(', ')}`,
  );
  return fields.length > 0 ? fields.join('; ') : error;
}
