import type { TelemetryOptions } from 'headwater';

import type { ServerConfig } from './config.ts';
import type { Log } from './log.ts';

export interface ServerTelemetry {
  readonly options: TelemetryOptions;
  /** Sends the numbers as they are: to be called while the engine still tells them. */
  flush(): Promise<void>;
  /** Sends what is left. Neither takes longer than two seconds. */
  close(): Promise<void>;
}

const none: ServerTelemetry = {
  options: {},
  flush: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/** Loads the SDK of OpenTelemetry where there is a collector to send to. */
export async function startTelemetry(config: ServerConfig, log: Log): Promise<ServerTelemetry> {
  if (!config.sendsTelemetry) return none;
  const { openTelemetry } = await import('./open-telemetry.ts');
  return openTelemetry(log);
}
