import type { Context } from '../context.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { minimiseWaiting } from '../privacy/minimise-event.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import { isOutage } from '../store/outage.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { IncomingEvent } from './event.ts';
import { deleteInboxEntries, insertIntoInbox } from './inbox-store.ts';

/**
 * Writes rows of a domain together with the events that they are: both or neither, also inside the host's transaction.
 * Outside of one the events are recorded before the answer; where that cannot be, the inbox has them.
 */
export async function recordWithRows<T>(
  context: Context,
  workspace: Workspace,
  options: WriteOptions | undefined,
  work: (tx: Tx, record: (event: IncomingEvent) => Promise<void>) => Promise<T>,
): Promise<T> {
  const events: IncomingEvent[] = [];
  const value = await inTransaction(context.database, options, (tx) =>
    work(tx, async (event) => {
      const kept = minimiseWaiting(workspace.settings, event);
      await insertIntoInbox(tx, kept, context.clock.now());
      events.push(event);
    }),
  );
  if (options?.tx === undefined) for (const event of events) await takeIn(context, event);
  return value;
}

/** What is not accepted now stays in the inbox, whose fold tries again or says why not. */
async function takeIn(context: Context, event: IncomingEvent): Promise<void> {
  try {
    const outcome = await context.ingest.submit(event);
    if (outcome.outcome === 'rejected') return;
    await deleteInboxEntries(context.database.db, event.workspaceId, [event.id]);
  } catch (error) {
    // The rows are committed, and so is the event: the answer is that of the rows.
    if (!isOutage(error) && !(error instanceof UnavailableError)) throw error;
  }
}
