import type { Headwater, HeadwaterOptions, Logger, Neighbour } from 'headwater';

import type { SignInTables } from '../auth/sign-in-tables.ts';
import { deleteDemo, findDemo, noteDemo, takeDemo } from './demo-store.ts';
import type { DemoRecord } from './demo-store.ts';
import type { DemoPlace } from './demo-place.ts';
import { simulate, simulationOptions } from './simulate.ts';
import { createSimulatedClock } from './simulated-clock.ts';
import type { Simulation } from './simulate.ts';

/** The simulated workspace of a server: an engine of its own, whose platforms are simulated too. */
export interface Demo {
  find(): Promise<DemoRecord | undefined>;
  /** Begins to make it where there is none; what is there or being made stays as it is. */
  make(): Promise<DemoRecord>;
  /** Takes it away, also while it is being made. */
  remove(): Promise<void>;
  /** The engine of this workspace, if it is the simulated one and ready. */
  engineOf(workspaceId: string): Promise<Headwater | undefined>;
  /** Ends the streams of live messages. */
  endStreams(): void;
  close(): Promise<void>;
}

export interface DemoSettings {
  readonly neighbour: Neighbour<SignInTables>;
  readonly place: DemoPlace;
  /** What it shares with the real engine: the base path, the secrets, how people are recognised. */
  readonly engine: Omit<HeadwaterOptions, 'database' | 'schema' | 'spoolFolder'>;
  readonly logger: Logger;
  readonly size?: Pick<Simulation, 'days' | 'visitors'>;
}

const heartbeatMilliseconds = 1_000;
/** Whoever has not been heard of for so long has died while making it. */
const deadAfterMilliseconds = 60_000;
/** How long one process believes what it has read of the others. */
const freshMilliseconds = 2_000;
/** A server that makes it goes on answering in between. */
const visitorsAtOnce = 32;

export function createDemo(settings: DemoSettings): Demo {
  const { neighbour, place, logger, size = { days: 90, visitors: 1_200 } } = settings;
  const { db, clock } = neighbour;
  let making: AbortController | undefined;
  /** What is made and taken away by this process, one after the other; never rejects. */
  let lastTurn: Promise<unknown> = Promise.resolve();
  let open: { readonly workspaceId: string; readonly hw: Promise<Headwater> } | undefined;
  let read: { readonly record: DemoRecord | undefined; readonly at: number } | undefined;

  const now = (): Date => new Date(clock.now());
  const deadBefore = (): Date => new Date(clock.now() - deadAfterMilliseconds);

  async function find(): Promise<DemoRecord | undefined> {
    const found = await findDemo(db);
    const isDead = found?.state === 'making' && found.seenAt < deadBefore();
    const record = isDead ? { ...found, state: 'failed' as const } : found;
    read = { record, at: performance.now() };
    if (open !== undefined && record?.workspaceId !== open.workspaceId) await closeEngine();
    return record;
  }

  async function openEngine(simulatedClock = createSimulatedClock()): Promise<Headwater> {
    const { createHeadwater } = await import('headwater');
    return createHeadwater({
      ...settings.engine,
      ...simulationOptions(simulatedClock),
      ...place.options,
      logger,
    });
  }

  async function openReady(): Promise<Headwater> {
    const hw = await openEngine();
    await hw.migrate();
    await hw.start();
    return hw;
  }

  async function closeEngine(): Promise<void> {
    const closing = open;
    open = undefined;
    const hw = await closing?.hw.catch(() => undefined);
    await hw?.close();
  }

  function inTurn(work: () => Promise<void>): Promise<void> {
    const turn = lastTurn.then(work);
    lastTurn = turn.catch(() => undefined);
    return turn;
  }

  async function makeNow(runId: string, abort: AbortController): Promise<void> {
    const { signal } = abort;
    let hw: Headwater | undefined;
    let visits = { visitsDone: 0, visitsAll: 0 };
    const beat = async (): Promise<void> => {
      if (!(await noteDemo(db, runId, { at: now(), ...visits })))
        abort.abort(new Error('the simulated workspace was taken away while it was made'));
    };
    const heartbeat = setInterval(() => {
      beat().catch((error: unknown) =>
        logger.warn('the progress of the simulation could not be written', { error }),
      );
    }, heartbeatMilliseconds);
    try {
      await beat();
      signal.throwIfAborted();
      await closeEngine();
      await place.prepare(db);
      const simulatedClock = createSimulatedClock();
      hw = await openEngine(simulatedClock);
      await hw.migrate();
      await simulate({
        hw,
        clock: simulatedClock,
        ...size,
        partners: true,
        atOnce: visitorsAtOnce,
        signal,
        onProgress: (visitsDone, visitsAll) => (visits = { visitsDone, visitsAll }),
      });
      while ((await hw.analytics.rollUp()).goesOn) signal.throwIfAborted();
      const { id } = await hw.workspaces.first();
      signal.throwIfAborted();
      await hw.start();
      if (!(await noteDemo(db, runId, { at: now(), state: 'ready', workspaceId: id })))
        throw new Error('the simulated workspace was taken away while it was made');
      open = { workspaceId: id, hw: Promise.resolve(hw) };
      read = undefined;
    } catch (error) {
      if (!signal.aborted) logger.error('the simulated workspace could not be made', { error });
      await giveUp(runId, hw, signal);
    } finally {
      clearInterval(heartbeat);
    }
  }

  /** Nothing stays of a run that did not end well; one that was ended on purpose leaves no word either. */
  async function giveUp(
    runId: string,
    hw: Headwater | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await hw?.close();
      // What is there belongs to whoever has the record.
      if (!(await noteDemo(db, runId, { at: now() }))) return;
      await place.remove(db);
      if (signal.aborted) return await deleteDemo(db, runId);
    } catch (error) {
      logger.error('what is left of a simulated workspace could not be taken away', { error });
    }
    await noteDemo(db, runId, { at: now(), state: 'failed' });
  }

  async function removeNow(): Promise<void> {
    const runId = neighbour.createId();
    // From here on nobody enters it, begins another one, or goes on making it.
    await takeDemo(db, { id: runId, at: now() });
    read = undefined;
    try {
      await closeEngine();
      await place.remove(db);
    } catch (error) {
      await noteDemo(db, runId, { at: now(), state: 'failed' });
      throw error;
    }
    await deleteDemo(db, runId);
    read = undefined;
  }

  return {
    find,
    async make() {
      const id = neighbour.createId();
      const at = now();
      if (await takeDemo(db, { id, at, deadBefore: deadBefore() })) {
        const abort = new AbortController();
        making = abort;
        inTurn(() => makeNow(id, abort)).catch((error: unknown) =>
          logger.error('the simulated workspace could not be made', { error }),
        );
      }
      return (await find())!;
    },
    remove() {
      making?.abort();
      return inTurn(removeNow);
    },
    async engineOf(workspaceId) {
      const known =
        read !== undefined && performance.now() - read.at < freshMilliseconds
          ? read.record
          : await find();
      if (known?.state !== 'ready' || known.workspaceId !== workspaceId) return undefined;
      open ??= { workspaceId, hw: openReady() };
      open.hw.catch(() => (open = undefined));
      return open.hw;
    },
    endStreams() {
      void open?.hw.then((hw) => hw.live.close());
    },
    async close() {
      making?.abort();
      await lastTurn;
      await closeEngine();
    },
  };
}
