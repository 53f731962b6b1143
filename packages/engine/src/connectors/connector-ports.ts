import { second, toMilliseconds } from '../kernel/clock.ts';
import { createGuardedFetch } from '../outbound/guarded-fetch.ts';
import type { ConnectorOptions } from './connector-options.ts';
import { createConnectorRegistry } from './connector-registry.ts';
import type { ConnectorRegistry } from './connector-registry.ts';

/** What sending conversions needs beside the database: one of each for an engine. */
export interface ConnectorPorts {
  readonly registry: ConnectorRegistry;
  readonly fetch: typeof fetch;
  /** For `/metrics`: what has become of dispatches in this process. */
  readonly stats: DispatchStats;
  readonly timeoutMilliseconds: number;
  close(): void;
}

export interface DispatchStats {
  delivered: number;
  retried: number;
  failed: number;
  skipped: number;
  requests: number;
  /** Of all workspaces, as it was counted last. */
  waiting: number;
  /** Connectors that were paused because their credentials are refused. */
  paused: number;
}

const answerBytesMax = 1_000_000;

export function createConnectorPorts(options: ConnectorOptions = {}): ConnectorPorts {
  const timeoutMilliseconds = toMilliseconds(options.timeout ?? { milliseconds: 30 * second });
  const guarded = createGuardedFetch({
    allowPrivateNetworks: options.allowPrivateNetworks ?? false,
    answerBytesMax,
  });
  return {
    registry: createConnectorRegistry(options.own),
    fetch: options.fetch ?? guarded.fetch,
    stats: { delivered: 0, retried: 0, failed: 0, skipped: 0, requests: 0, waiting: 0, paused: 0 },
    timeoutMilliseconds,
    close: () => guarded.close(),
  };
}
