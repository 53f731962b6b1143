import type { Context } from '../context.ts';
import { deleteInboxEvents, findInboxEvents, findInboxWorkspaces } from './inbox-store.ts';

const chunk = 500;

/**
 * Takes in what hosts wrote inside their own transactions. An event leaves the inbox after it was answered; a crash
 * in between sends it again under the same key. Returns how many were taken in.
 */
export async function foldInbox(
  context: Pick<Context, 'database' | 'ingest' | 'logger'>,
): Promise<number> {
  const { db } = context.database;
  let folded = 0;
  for (const workspaceId of await findInboxWorkspaces(db)) {
    for (;;) {
      const events = await findInboxEvents(db, workspaceId, chunk);
      if (events.length === 0) break;
      const outcomes = await Promise.all(events.map((event) => context.ingest.submit(event)));
      for (const outcome of outcomes) {
        if (outcome.outcome !== 'rejected') continue;
        context.logger.warn('An event of a host transaction was refused.', {
          code: outcome.code,
          eventId: outcome.eventId,
        });
      }
      await deleteInboxEvents(
        db,
        workspaceId,
        events.map((event) => event.id),
      );
      folded += events.length;
    }
  }
  return folded;
}
