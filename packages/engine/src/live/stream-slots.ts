import { ConfigurationError, UnavailableError } from '../kernel/errors.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { RateLimitedRefusal } from '../limits/rate-limit.ts';
import type { HeadwaterOptions } from '../options.ts';

/** How many streams may be open here: each holds a connection, a timer and up to a page of messages. */
export interface StreamSlots {
  /**
   * Room for one more stream of a workspace, until `leave` is called; refused where the workspace has as many as it may.
   * @throws {UnavailableError} the process has as many as it may.
   */
  take(workspaceId: string): Result<StreamSlot, RateLimitedRefusal>;
  readonly stats: { readonly open: number };
}

export interface StreamSlot {
  leave(): void;
}

/** Streams end by themselves within ten minutes; a client that asks this often costs little. */
const retryAfterSeconds = 30;

/** @throws {ConfigurationError} a number of streams that is none. */
export function createStreamSlots({
  streams = 1_000,
  streamsPerWorkspace = 100,
}: NonNullable<HeadwaterOptions['live']> = {}): StreamSlots {
  for (const [name, value] of Object.entries({ streams, streamsPerWorkspace })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new ConfigurationError(`live.${name} is a whole number from 1.`);
  }
  const openOf = new Map<string, number>();
  const stats = { open: 0 };

  return {
    stats,
    take(workspaceId) {
      const before = openOf.get(workspaceId) ?? 0;
      if (before >= streamsPerWorkspace) {
        const message = `This workspace has ${streamsPerWorkspace} streams open; try again in ${retryAfterSeconds} seconds`;
        return { ...refuse('rate_limited', message), retryAfterSeconds };
      }
      if (stats.open >= streams)
        throw new UnavailableError('Too many streams are open.', { retryAfterSeconds });
      openOf.set(workspaceId, before + 1);
      stats.open += 1;
      let isOpen = true;
      return ok({
        leave() {
          if (!isOpen) return;
          isOpen = false;
          stats.open -= 1;
          const left = openOf.get(workspaceId)! - 1;
          if (left === 0) openOf.delete(workspaceId);
          else openOf.set(workspaceId, left);
        },
      });
    },
  };
}
