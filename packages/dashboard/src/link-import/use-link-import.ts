import { useRef, useState } from 'react';

import type { ImportLinksParams, ImportLinksResponse } from '@headwater/client/api';
import { useQueryClient } from '@tanstack/react-query';

import { useApi } from '../api/use-api.ts';
import { staleWithLinks } from '../links/stale-links.ts';
import { planImport } from './plan-import.ts';
import type { ImportPlan } from './plan-import.ts';

export type ImportQuestion = Omit<ImportLinksParams, 'dry_run'>;

export interface LinkImport {
  /** What the dry run, or the run so far, says of each row. */
  readonly report: ImportLinksResponse | undefined;
  /** From 0 to 1, where the run has begun. */
  readonly progress: number | undefined;
  readonly isBusy: boolean;
  readonly fault: unknown;
  check(question: ImportQuestion): Promise<void>;
  /** After `check`. Where it was stopped, or failed, it goes on with what was not sent. */
  run(question: ImportQuestion): Promise<void>;
  /** Ends the run after the part that is under way. */
  stop(): void;
  reset(): void;
}

/** A file of links: first what would become of each row, then the run, part by part. */
export function useLinkImport(): LinkImport {
  const api = useApi();
  const queries = useQueryClient();
  const [report, setReport] = useState<ImportLinksResponse>();
  const [progress, setProgress] = useState<number>();
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const isStopped = useRef(false);
  const plan = useRef<ImportPlan>(undefined);

  const during = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setFault(undefined);
    try {
      await work();
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  };

  return {
    report,
    progress,
    isBusy,
    fault,
    check: (question) =>
      during(async () => {
        setReport(undefined);
        setProgress(undefined);
        plan.current = undefined;
        setReport(await api.importLinks({ body: { ...question, dry_run: true } }));
      }),
    run: (question) =>
      during(async () => {
        if (report === undefined) return;
        isStopped.current = false;
        const going = (plan.current ??= planImport(question.content, report));
        const { parts } = going;
        setProgress(going.sent / parts.length);
        while (going.sent < parts.length && !isStopped.current) {
          const { content, lineOffset } = parts[going.sent]!;
          // One after the other: what is shown is how far it has come.
          // oxlint-disable-next-line no-await-in-loop
          const part = await api.importLinks({ body: { ...question, content } });
          going.report = joined(going.report, part, lineOffset);
          going.sent += 1;
          setReport(going.report);
          setProgress(going.sent / parts.length);
        }
      }).finally(() => {
        for (const operation of staleWithLinks)
          void queries.invalidateQueries({ queryKey: [operation] });
      }),
    stop: () => {
      isStopped.current = true;
    },
    reset: () => {
      plan.current = undefined;
      setReport(undefined);
      setProgress(undefined);
      setFault(undefined);
    },
  };
}

/** The report of everything so far, by the lines of the whole file. */
function joined(
  before: ImportLinksResponse,
  part: ImportLinksResponse,
  lineOffset: number,
): ImportLinksResponse {
  const results = part.results.map((result) => ({ ...result, row: result.row + lineOffset }));
  return {
    dry_run: false,
    created: before.created + part.created,
    updated: before.updated + part.updated,
    unchanged: before.unchanged + part.unchanged,
    skipped: before.skipped + part.skipped,
    refused: before.refused + part.refused,
    ignored_columns: [...new Set([...before.ignored_columns, ...part.ignored_columns])],
    results: [...before.results, ...results].toSorted((one, other) => one.row - other.row),
  };
}
