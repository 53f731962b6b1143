import type { Context } from '../context.ts';
import { day, minute, second } from '../kernel/clock.ts';
import { errorCode } from '../store/connection.ts';
import { isOutage } from '../store/outage.ts';
import {
  deleteInboxEntries,
  findInboxEntries,
  findInboxWorkspaces,
  updateInboxEntry,
} from './inbox-store.ts';
import type { InboxEntry } from './inbox-store.ts';

const chunk = 500;
/** How long an event waits for the person that it names: another transaction of the host may introduce them. */
const personPatience = day;
const pause = { first: second, longest: 10 * minute };
/** A failure that is no outage is tried this often. */
const attemptsMax = 20;

type FoldContext = Pick<Context, 'database' | 'ingest' | 'logger' | 'clock'>;

/**
 * Takes in what hosts wrote inside their own transactions. An event leaves the inbox when it was accepted; a crash in
 * between sends it again under the same key. What is refused stays with its reason, and holds up nobody. Returns how
 * many were taken in.
 */
export async function foldInbox(context: FoldContext): Promise<number> {
  const { db } = context.database;
  let folded = 0;
  for (const workspaceId of await findInboxWorkspaces(db, context.clock.now())) {
    for (;;) {
      const entries = await findInboxEntries(db, workspaceId, context.clock.now(), chunk);
      if (entries.length === 0) break;
      const settled = await Promise.all(entries.map((entry) => fold(context, entry)));
      const done = entries.filter((_entry, index) => settled[index]);
      await deleteInboxEntries(
        db,
        workspaceId,
        done.map(({ event }) => event.id),
      );
      folded += done.length;
    }
  }
  return folded;
}

/** Whether the entry is settled. @throws an outage, which ends the round */
async function fold(context: FoldContext, entry: InboxEntry): Promise<boolean> {
  const { clock, logger } = context;
  const { event } = entry;
  let code: string;
  let final: boolean;
  try {
    const outcome = await context.ingest.submit(event, { background: true });
    if (outcome.outcome !== 'rejected') return true;
    // Nothing is kept of who was erased, nor of what they did.
    if (outcome.code === 'visitor_erased') return true;
    code = outcome.code;
    final = code !== 'visitor_not_found' || clock.now() - entry.createdAt > personPatience;
  } catch (error) {
    if (isOutage(error)) throw error;
    code = errorCode(error) ?? 'failed';
    final = code !== 'unavailable' && entry.attempts + 1 >= attemptsMax;
  }
  if (final)
    logger.warn('An event of a host transaction was refused.', { code, eventId: event.id });
  await updateInboxEntry(context.database.db, entry, {
    dueAt: clock.now() + Math.min(pause.first * 2 ** Math.min(entry.attempts, 20), pause.longest),
    refusedCode: final ? code : null,
  });
  return false;
}
