import type { Context } from '../context.ts';
import type { IncomingEvent, IngestOutcome } from '../ingest/event.ts';
import { second, toMilliseconds } from '../kernel/clock.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { HeadwaterError } from '../kernel/errors.ts';
import { createRecentMap } from '../kernel/recent-map.ts';
import { minimiseWaiting } from '../privacy/minimise-event.ts';
import { createBreaker } from './breaker.ts';
import type { Breaker } from './breaker.ts';
import { insertPendingClick } from './pending-click-store.ts';
import { isOfErased } from './pending-click.ts';
import type { SpoolEntry } from './spool-file.ts';
import type { Spool } from './spool.ts';
import { within } from '../kernel/within.ts';

/** Commits clicks within a short budget, and puts them on the local disk when that fails: a redirect never waits. */
export interface ClickRecorder {
  /** What ingest says; `undefined` when the click waits in the spool or is lost. Never throws. */
  record(event: IncomingEvent): Promise<IngestOutcome | undefined>;
  /** Keeps a prefetched click until its `hw_click` lands. Never throws. */
  hold(event: IncomingEvent): Promise<void>;
  /** Settles what was spooled; throws the refusal of what can never be settled. */
  replay(entry: SpoolEntry): Promise<void>;
  readonly stats: ClickStats;
}

export interface ClickStats {
  committed: number;
  held: number;
  spooled: number;
  /** Neither the database nor the spool took them. */
  lost: number;
  rejected: number;
}

const replayPatience = 30 * second;
const complainEvery = 10 * second;
/** Each of them has a breaker: what is stuck may be the rows of one workspace. */
const workspacesMax = 10_000;

export function createClickRecorder(
  context: Pick<Context, 'options' | 'ingest' | 'database' | 'logger' | 'workspaces'>,
  spool: Spool | undefined,
): ClickRecorder {
  const patience = toMilliseconds(context.options.clickPatience ?? { milliseconds: 50 });
  const breakers = createRecentMap<Breaker>(workspacesMax);
  const stats: ClickStats = { committed: 0, held: 0, spooled: 0, lost: 0, rejected: 0 };
  let complainedAt = -Infinity;

  function note(outcome: IngestOutcome): void {
    if (outcome.outcome !== 'rejected') {
      stats.committed += 1;
      return;
    }
    // Comes again, as somebody new's.
    if (outcome.code === 'visitor_erased') return;
    stats.rejected += 1;
    context.logger.warn('A click was rejected', { eventId: outcome.eventId, code: outcome.code });
  }

  function breakerOf(workspaceId: string): Breaker {
    const known = breakers.get(workspaceId);
    if (known !== undefined) return known;
    const breaker = createBreaker();
    breakers.set(workspaceId, breaker);
    return breaker;
  }

  async function attempt<T>(
    { workspaceId }: IncomingEvent,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    const breaker = breakerOf(workspaceId);
    if (!breaker.allows()) return undefined;
    try {
      const value = await work();
      breaker.succeeded();
      return value;
    } catch {
      breaker.failed();
      return undefined;
    }
  }

  async function setAside(entry: SpoolEntry): Promise<void> {
    try {
      if (spool === undefined) throw new Error('No spool folder is configured.');
      // Nobody can be asked now: what is remembered of the workspace decides what the disk may hold.
      const workspace = context.workspaces.remembered(entry.event.workspaceId);
      await spool.append({ ...entry, event: minimiseWaiting(workspace?.settings, entry.event) });
      stats.spooled += 1;
    } catch (error) {
      stats.lost += 1;
      if (performance.now() - complainedAt < complainEvery) return;
      complainedAt = performance.now();
      context.logger.error('Clicks are lost: neither the database nor the spool takes them', {
        lost: stats.lost,
        error: describeFault(error),
      });
    }
  }

  async function insertPending(event: IncomingEvent): Promise<void> {
    const workspace = await context.workspaces.get(event.workspaceId);
    await insertPendingClick(context.database.db, minimiseWaiting(workspace?.settings, event));
  }

  return {
    stats,
    async record(event) {
      const outcome = await attempt(event, () =>
        context.ingest.submit(event, { patienceMilliseconds: patience }),
      );
      if (outcome === undefined) {
        await setAside({ event });
        return undefined;
      }
      note(outcome);
      return outcome;
    },
    async hold(event) {
      const held = await attempt(event, async () => {
        await within(insertPending(event), patience);
        return true;
      });
      if (held === true) stats.held += 1;
      else await setAside({ event, pending: true });
    },
    async replay({ event, pending }) {
      if (pending === true && (await isOfErased(context, event))) return;
      if (pending === true) {
        await insertPending(event);
        return;
      }
      const outcome = await context.ingest.submit(event, {
        patienceMilliseconds: replayPatience,
        background: true,
      });
      if (outcome.outcome !== 'rejected') return;
      // Of who was erased nothing is put aside either.
      if (outcome.code === 'visitor_erased') return;
      throw new HeadwaterError(outcome.code, outcome.message);
    },
  };
}
