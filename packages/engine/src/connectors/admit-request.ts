import type { Context } from '../context.ts';
import { lockPace, updatePace } from './connector-store.ts';
import type { Rate } from './connector.ts';
import { paceRequest } from './request-pace.ts';
import type { StoredConnector } from './stored-connector.ts';

/**
 * Counts one request to a platform, with those of all other processes.
 *
 * @returns 0 where it may go out now, else how long the platform takes no more, in milliseconds.
 */
export async function admitRequest(
  { database, clock }: Pick<Context, 'database' | 'clock'>,
  connector: Pick<StoredConnector, 'workspaceId' | 'type'>,
  rates: readonly Rate[],
): Promise<number> {
  // Of most platforms no rate is known, and nothing is counted.
  if (rates.length === 0) return 0;
  return database.db.transaction().execute(async (tx) => {
    const before = await lockPace(tx, connector);
    const { pace, waits } = paceRequest(before, rates, clock.now());
    if (waits === 0) await updatePace(tx, connector, pace);
    return waits;
  });
}
