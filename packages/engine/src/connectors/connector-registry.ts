import { ConfigurationError } from '../kernel/errors.ts';
import type { Connector } from './connector.ts';

/** The connectors that this process has: those of Headwater, and the host's own. */
export interface ConnectorRegistry {
  all(): Promise<readonly Connector[]>;
  find(type: string): Promise<Connector | undefined>;
}

const typePattern = /^[a-z][a-z0-9_]{0,39}$/;

/**
 * Headwater's own are loaded when somebody asks first. One of the host's takes the place of one with the same type.
 * @throws {ConfigurationError} a connector of the host has a type that none can have, or two have the same.
 */
export function createConnectorRegistry(own: readonly Connector[] = []): ConnectorRegistry {
  const types = new Set<string>();
  for (const { type } of own) {
    if (!typePattern.test(type))
      throw new ConfigurationError(
        `The type of a connector has lower-case letters, digits and underscores, 40 at most: "${type}".`,
      );
    if (types.has(type)) throw new ConfigurationError(`Two connectors have the type "${type}".`);
    types.add(type);
  }
  let loading: Promise<readonly Connector[]> | undefined;

  function all(): Promise<readonly Connector[]> {
    return (loading ??= import('./built-in-connectors.ts').then(({ builtInConnectors }) => [
      ...builtInConnectors.filter(({ type }) => !types.has(type)),
      ...own,
    ]));
  }

  return {
    all,
    async find(type) {
      return (await all()).find((connector) => connector.type === type);
    },
  };
}
