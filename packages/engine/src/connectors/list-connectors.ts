import type { Context } from '../context.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { connectorState } from './connector-state.ts';
import type { ConnectorState } from './connector-state.ts';
import { selectConnectors } from './connector-store.ts';
import { openCredentials } from './credentials.ts';
import type { StoredConnector } from './stored-connector.ts';

/** Every connector that this process has, with what the workspace has decided about it. */
export async function listConnectors(
  context: Context,
  workspace: Workspace,
): Promise<readonly ConnectorState[]> {
  const [connectors, stored] = await Promise.all([
    context.connectors.registry.all(),
    selectConnectors(context.database.db, workspace.id),
  ]);
  return connectors.map((connector) => {
    const row = stored.find(({ type }) => type === connector.type);
    return connectorState(connector, row, credentialNames(context, row));
  });
}

/** One of them; `undefined` where this process has no such connector. */
export async function getConnector(
  context: Context,
  workspace: Workspace,
  type: string,
): Promise<ConnectorState | undefined> {
  return (await listConnectors(context, workspace)).find((state) => state.type === type);
}

/** Which credentials are stored. */
export function credentialNames(
  context: Pick<Context, 'keyring'>,
  stored: StoredConnector | undefined,
): ReadonlySet<string> {
  if (stored === undefined) return new Set();
  return new Set(Object.keys(openCredentials(context.keyring, stored, stored.sealedCredentials)));
}
