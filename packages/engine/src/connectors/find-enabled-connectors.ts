import type { Db } from '../store/database.ts';
import { selectConnectors } from './connector-store.ts';
import type { EnabledConnector } from './enabled-connector.ts';

/** The connectors that conversions of a workspace are planned for. */
export async function findEnabledConnectors(
  db: Db,
  workspaceId: string,
): Promise<readonly EnabledConnector[]> {
  const stored = await selectConnectors(db, workspaceId);
  return stored
    .filter(({ enabled }) => enabled)
    .map(({ type, eventTypes }) => ({ type, eventTypes: new Set(eventTypes) }));
}
