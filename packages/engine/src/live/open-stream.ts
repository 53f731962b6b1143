import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { RateLimitedRefusal } from '../limits/rate-limit.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { LiveReader } from './live-reader.ts';
import { openLive } from './subscribe-live.ts';
import type { SubscribeInput } from './subscribe-live.ts';

/**
 * A reader for a stream, of which only so many are open at once; closing it makes room for another.
 * @throws {UnavailableError} the process has as many streams as it may.
 */
export async function openStream(
  context: Pick<Context, 'live'>,
  workspace: Workspace,
  input: SubscribeInput,
): Promise<Result<LiveReader, ValidationRefusal | RateLimitedRefusal>> {
  const slot = context.live.streams.take(workspace.id);
  if (!slot.ok) return slot;
  const { leave } = slot.value;
  try {
    const opened = await openLive(context, workspace, input);
    if (!opened.ok) {
      leave();
      return opened;
    }
    const reader = opened.value;
    return ok({
      ...reader,
      close() {
        leave();
        reader.close();
      },
    });
  } catch (error) {
    leave();
    throw error;
  }
}
