import { mkdir, readdir, rename, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { minute, second } from '../kernel/clock.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { UnavailableError } from '../kernel/errors.ts';
import type { Logger } from '../options.ts';
import { isOutage } from '../store/outage.ts';
import { rejectedName } from './rejected-clicks.ts';
import { countLines, openSpoolFile, putAside, readSpoolFile } from './spool-file.ts';
import type { RefusedEntry, SpoolEntry, SpoolFile } from './spool-file.ts';

/**
 * Settles one entry for good: it is committed, or was before. When it throws an outage, the entry has to be tried
 * again; when it throws anything else, nothing ever settles this entry.
 */
export type SpoolReplay = (entry: SpoolEntry) => Promise<void>;

/**
 * Clicks that could not be committed in time, on the local disk until the database is back (design, law 4). Sending
 * one twice is harmless, because every event carries its id: so a file is deleted only when all of it is settled.
 */
export interface Spool {
  /** Resolves when the entry is on the disk. Entries that come while the disk is busy share the next sync. */
  append(entry: SpoolEntry): Promise<void>;
  /**
   * Sends everything that waits, oldest first, and puts aside what can never be settled. Returns how many entries were
   * settled; throws at the first outage.
   */
  drain(replay: SpoolReplay): Promise<number>;
  /** Drains regularly until `close`. */
  start(replay: SpoolReplay, everyMilliseconds?: number): void;
  close(): Promise<void>;
  readonly stats: SpoolStats;
}

export interface SpoolStats {
  /** Entries that are not settled yet. Those of other processes count once they have been taken over. */
  waiting: number;
  spooled: number;
  drained: number;
  /** Entries that could never be settled: they are in `rejected.ndjson`. */
  rejected: number;
}

export interface SpoolOptions {
  readonly folder: string;
  readonly logger: Logger;
  /** @default 10_000 */
  readonly linesMax?: number;
}

/** The folder holds other files too. */
const filePrefix = 'clicks.';
/** Nothing is added to a file that is older. */
const fileAgeMax = 30 * second;
/** A file that was not written to for so long has no writer any more, wherever that ran. */
const abandonedAfter = 5 * minute;
const concurrency = 2_000;
const bytesMax = 16 * 1024 * 1024;

/** The open spools of this process: after a restart a container's process has the id of the one before. */
const liveOwners = new Set<string>();

interface ClosedFile {
  readonly path: string;
  readonly lines: number;
  /** By event id. They are asked once, however often the file has to be sent again. */
  readonly refused: Map<string, RefusedEntry>;
}

export async function openSpool({
  folder,
  logger,
  linesMax = 10_000,
}: SpoolOptions): Promise<Spool> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const owner = ownerName();
  const stats: SpoolStats = { waiting: 0, spooled: 0, drained: 0, rejected: 0 };
  const closed: ClosedFile[] = [];
  let sequence = 0;
  let current: SpoolFile | undefined;
  let queue: { readonly text: string; readonly settle: PromiseWithResolvers<void> }[] = [];
  let writing: Promise<void> | undefined;
  let rotation: PromiseWithResolvers<void> | undefined;
  let draining: Promise<number> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let closing = false;
  let complained = false;

  const nextPath = (): string => {
    sequence += 1;
    return join(folder, `${filePrefix}${owner}.${String(sequence).padStart(8, '0')}.ndjson`);
  };

  async function rotate(): Promise<void> {
    const file = current;
    current = undefined;
    if (file === undefined) return;
    // A full disk takes new files, but nothing into them: they would be without end.
    if (file.lines === 0) await unlink(file.path).catch(ignoreMissing);
    else closed.push({ path: file.path, lines: file.lines, refused: new Map() });
    await file.close();
  }

  /** Closes the file between two writes: one that is being written to must not be drained and deleted. */
  function requestRotation(): Promise<void> {
    rotation ??= Promise.withResolvers();
    const { promise } = rotation;
    writing ??= writeAll();
    return promise;
  }

  async function writeAll(): Promise<void> {
    while (queue.length > 0 || rotation !== undefined) {
      if (rotation !== undefined) {
        await rotate().then(rotation.resolve, rotation.reject);
        rotation = undefined;
        continue;
      }
      const batch = queue;
      queue = [];
      try {
        if (current !== undefined && isFull(current)) await rotate();
        current ??= await openSpoolFile(nextPath());
        await current.write(batch.map(({ text }) => text).join(''), batch.length);
        stats.waiting += batch.length;
        stats.spooled += batch.length;
        for (const { settle } of batch) settle.resolve();
      } catch (error) {
        // What is after a failed write may be torn: later lines go to a new file.
        await rotate().catch(() => undefined);
        for (const { settle } of batch) settle.reject(error);
      }
    }
    writing = undefined;
  }

  const isFull = (file: SpoolFile): boolean =>
    file.lines >= linesMax ||
    file.bytes >= bytesMax ||
    performance.now() - file.openedAt > fileAgeMax;

  async function drainAll(replay: SpoolReplay): Promise<number> {
    await takeOver();
    await requestRotation();
    let settled = 0;
    while (closed.length > 0) {
      const file = closed[0]!;
      settled += await drainFile(file, replay);
      closed.shift();
      stats.waiting = Math.max(0, stats.waiting - file.lines);
    }
    return settled;
  }

  async function drainFile({ path, refused }: ClosedFile, replay: SpoolReplay): Promise<number> {
    const entries = await readSpoolFile(path).catch(ignoreMissing);
    // After a long silence another host may have taken the file over.
    if (entries === undefined) return 0;
    const settled = await sendAll(entries, refused, async (entry) => {
      try {
        await replay(entry);
      } catch (error) {
        // What is closed under an entry says nothing about the entry.
        if (closing || error instanceof UnavailableError || isOutage(error)) throw error;
        refused.set(entry.event.id, { ...entry, refused: describeFault(error) });
      }
    });
    if (refused.size > 0) await reject([...refused.values()]);
    await unlink(path).catch(ignoreMissing);
    stats.drained += settled;
    return settled;
  }

  async function reject(entries: readonly RefusedEntry[]): Promise<void> {
    await putAside(join(folder, rejectedName), entries);
    stats.rejected += entries.length;
    logger.error('Spooled clicks cannot be recorded: they are put aside', {
      clicks: entries.length,
      file: rejectedName,
      first: entries[0]?.refused,
    });
  }

  /** Makes the files of processes that are gone our own. */
  async function takeOver(): Promise<void> {
    for (const name of (await readdir(folder)).sort()) {
      if (!name.startsWith(filePrefix) || !(await isAbandoned(folder, name))) continue;
      const path = nextPath();
      try {
        await rename(join(folder, name), path);
      } catch (error) {
        ignoreMissing(error);
        continue;
      }
      const lines = await countLines(path);
      closed.push({ path, lines, refused: new Map() });
      stats.waiting += lines;
      logger.info('Clicks of an earlier process are taken over from the spool', { clicks: lines });
    }
  }

  async function tick(replay: SpoolReplay, everyMilliseconds: number): Promise<void> {
    try {
      await spool.drain(replay);
      complained = false;
    } catch (error) {
      if (!complained) {
        logger.warn('The spool cannot be drained yet', {
          waiting: stats.waiting,
          error: describeFault(error),
        });
      }
      complained = true;
    }
    if (running)
      timer = setTimeout(() => void tick(replay, everyMilliseconds), everyMilliseconds).unref();
  }

  const spool: Spool = {
    stats,
    append(entry) {
      const settle = Promise.withResolvers<void>();
      queue.push({ text: `${JSON.stringify(entry)}\n`, settle });
      writing ??= writeAll();
      return settle.promise;
    },
    async drain(replay) {
      draining ??= drainAll(replay).finally(() => {
        draining = undefined;
      });
      return draining;
    },
    start(replay, everyMilliseconds = second) {
      if (running) return;
      running = true;
      void tick(replay, everyMilliseconds);
    },
    async close() {
      running = false;
      closing = true;
      clearTimeout(timer);
      // What is being drained stays on the disk until it is settled: whoever comes next sends it again.
      await requestRotation();
      liveOwners.delete(owner);
    },
  };
  liveOwners.add(owner);
  await takeOver();
  return spool;
}

/**
 * Sends the entries in their order, many at once, but those that are refused already. The first goes alone: it shows
 * whether the database is back. Returns how many were settled.
 */
async function sendAll(
  entries: AsyncIterable<SpoolEntry>,
  refused: ReadonlyMap<string, unknown>,
  send: (entry: SpoolEntry) => Promise<void>,
): Promise<number> {
  let underway = 0;
  let answered = 0;
  let settled = 0;
  let failure: { readonly error: unknown } | undefined;
  let progress = Promise.withResolvers<void>();

  const track = async (entry: SpoolEntry): Promise<void> => {
    underway += 1;
    try {
      await send(entry);
      answered += 1;
      if (!refused.has(entry.event.id)) settled += 1;
    } catch (error) {
      failure ??= { error };
    }
    underway -= 1;
    progress.resolve();
  };
  const isSending = (): boolean => underway > 0;
  const isBusy = (): boolean => underway >= (answered === 0 ? 1 : concurrency);
  const nextProgress = (): Promise<void> => {
    progress = Promise.withResolvers();
    return progress.promise;
  };

  for await (const entry of entries) {
    while (isBusy()) await nextProgress();
    if (failure !== undefined) break;
    if (!refused.has(entry.event.id)) void track(entry);
  }
  while (isSending()) await nextProgress();
  if (failure !== undefined) throw failure.error;
  return settled;
}

/** Host, process and a number of this instance: containers share process ids, restarts share all but the last. */
function ownerName(): string {
  return `${hostName()}.${process.pid}.${crypto.randomUUID().slice(0, 8)}`;
}

function hostName(): string {
  return hostname()
    .replace(/[^A-Za-z0-9-]/g, '-')
    .slice(0, 64);
}

async function isAbandoned(folder: string, name: string): Promise<boolean> {
  const [host, pid, instance] = name.slice(filePrefix.length).split('.');
  if (host === hostName()) {
    const isOurs = Number(pid) === process.pid;
    if (isOurs) return !liveOwners.has(`${host}.${pid}.${instance}`);
    if (!isAlive(Number(pid))) return true;
  }
  try {
    return fileSystemNow() - (await stat(join(folder, name))).mtimeMs > abandonedAfter;
  } catch (error) {
    ignoreMissing(error);
    return false;
  }
}

/** The time that files are stamped with, which is no business of the engine's clock. */
function fileSystemNow(): number {
  return performance.timeOrigin + performance.now();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
