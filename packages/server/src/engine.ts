import type { AuthenticateSession, Headwater } from 'headwater';

import type { ServerConfig } from './config.ts';
import type { Log } from './log.ts';

/** The engine of this configuration. Loaded here, so that `--help` and wrong settings need none of it. */
export async function openEngine(
  config: ServerConfig,
  log: Log,
  authenticateSession?: AuthenticateSession,
): Promise<Headwater> {
  const { createHeadwater } = await import('headwater');
  return createHeadwater({
    ...config.engine,
    logger: log,
    ...(authenticateSession !== undefined && { authenticateSession }),
  });
}

/** Runs one command on an engine without background work. */
export async function withEngine<T>(
  config: ServerConfig,
  log: Log,
  work: (hw: Headwater) => Promise<T>,
): Promise<T> {
  const hw = await openEngine(config, log);
  try {
    return await work(hw);
  } finally {
    await hw.close();
  }
}
