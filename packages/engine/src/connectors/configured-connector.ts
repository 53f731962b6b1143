import type { Configuration, Connector, ConnectorContext } from './connector.ts';
import type { StoredConnector } from './stored-connector.ts';

/** A connector as a workspace uses it. */
export interface ConfiguredConnector {
  readonly connector: Connector;
  readonly stored: StoredConnector;
  readonly configuration: Configuration;
}

/** What a connector is given to build and to send with. */
export function contextOf(
  { connector, stored, configuration }: ConfiguredConnector,
  accessToken: string | undefined,
  now: number,
): ConnectorContext {
  return {
    ...configuration,
    ...(accessToken !== undefined && { accessToken }),
    test: stored.test && connector.testMode !== undefined,
    now: new Date(now),
  };
}
