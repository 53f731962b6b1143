import type { Context } from '../context.ts';
import { firstToCome } from '../live/live-position.ts';
import type { Tx } from '../store/database.ts';
import { currentSnapshot } from '../store/current-snapshot.ts';

/** Things that are settled in one transaction: few enough that nobody waits for it. */
const chunkSize = 50;
const nil = '00000000-0000-0000-0000-000000000000';

export type Settling = Pick<Context, 'clock' | 'createId' | 'database' | 'jobs'>;

export interface SettleOptions {
  /** Everything, not only what has changed. @default false */
  readonly all?: boolean;
  /** Asked between the transactions. */
  readonly isStopped?: () => boolean;
}

/** What is settled: the things by their ids, and how far it has come. */
export interface Settlement {
  findProgress(): Promise<
    { readonly snapshot: string | undefined; readonly revision: number } | undefined
  >;
  saveProgress(progress: { readonly snapshot: string; readonly revision: number }): Promise<void>;
  /** What may have changed since a snapshot. */
  selectChanged(snapshot: string): Promise<readonly string[]>;
  /** In the order of ids, after one of them. */
  selectAfter(id: string, limit: number): Promise<readonly string[]>;
  /** Reads the rules; what it answers settles some things in a transaction, and says how many entries it took. */
  prepare(): Promise<(tx: Tx, ids: readonly string[]) => Promise<number>>;
}

/**
 * Brings what earns up to date with what was committed since the last time, or with everything. What is noted as done is
 * a snapshot that was taken before anything was read; a crash before that note does it again, which writes nothing
 * twice. Any number of processes may do it at once.
 */
export async function settleByPosition(
  { database }: Settling,
  settlement: Settlement,
  { all = false, isStopped = () => false }: SettleOptions,
): Promise<{ readonly looked: number; readonly entries: number }> {
  const { db } = database;
  const progress = await settlement.findProgress();
  if (progress === undefined) return { looked: 0, entries: 0 };
  const snapshot = await currentSnapshot(db);
  if (!all && progress.snapshot === snapshot) return { looked: 0, entries: 0 };
  const settle = await settlement.prepare();
  const pages =
    all || progress.snapshot === undefined || isAhead(progress.snapshot, snapshot)
      ? everything(settlement)
      : inChunks(await settlement.selectChanged(progress.snapshot));
  let [looked, entries] = [0, 0];
  for await (const ids of pages) {
    // Not noted as done: the next time begins anew, and finds most of it written.
    if (isStopped()) return { looked, entries };
    looked += ids.length;
    entries += await db.transaction().execute((tx) => settle(tx, ids));
  }
  await settlement.saveProgress({ snapshot, revision: progress.revision });
  return { looked, entries };
}

/** As after a restore from a dump, where transactions are counted anew: then the snapshot says nothing. */
function isAhead(noted: string, now: string): boolean {
  return BigInt(firstToCome(noted)) > BigInt(firstToCome(now));
}

async function* everything(settlement: Settlement): AsyncGenerator<readonly string[]> {
  for (let after = nil; ;) {
    const ids = await settlement.selectAfter(after, chunkSize);
    if (ids.length > 0) yield ids;
    if (ids.length < chunkSize) return;
    after = ids.at(-1)!;
  }
}

function* inChunks(ids: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < ids.length; start += chunkSize)
    yield ids.slice(start, start + chunkSize);
}
