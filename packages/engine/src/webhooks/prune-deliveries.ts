import type { Context } from '../context.ts';
import { summariseNewEvents } from '../live/read-new-events.ts';
import { deleteDeliveries } from './delivery-store.ts';
import { findWorkspacesWithEndpoints } from './endpoint-store.ts';
import { deliveriesKeptFor } from './webhook-delivery.ts';

const deletedAtOnce = 1_000;

/**
 * Deletes deliveries that are old enough, whatever became of them and of their webhooks, and keeps the reading of new
 * events quick. In small steps, so that a run that was cut off goes on where it was.
 */
export async function pruneDeliveries(
  context: Context,
  goesOn: () => boolean = () => true,
): Promise<void> {
  const { database, clock } = context;
  await summariseNewEvents(context);
  const beforeId = smallestIdAt(clock.now() - deliveriesKeptFor);
  for (const workspaceId of await findWorkspacesWithEndpoints(database.db, 'any'))
    while (goesOn()) {
      const limit = deletedAtOnce;
      if ((await deleteDeliveries(database.db, workspaceId, { beforeId, limit })) < limit) break;
    }
}

/** Deliveries have ids that begin with the time at which they were made (UUIDv7, RFC 9562 §5.7). */
function smallestIdAt(milliseconds: number): string {
  const time = Math.max(0, milliseconds).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}
