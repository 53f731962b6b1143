import type { Context } from '../context.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { liveTopics } from './live-message.ts';
import type { LiveMessage, LiveTopic } from './live-message.ts';
import { parseLivePosition } from './live-position.ts';
import type { LivePosition } from './live-position.ts';
import type { LiveReader } from './live-reader.ts';

export interface SubscribeInput {
  /** @default all */
  readonly topics?: readonly LiveTopic[] | undefined;
  /** The position of the message to go on after. @default from now on */
  readonly after?: string | undefined;
}

/** The next message comes when the listener has finished with this one; what it throws is logged. */
export type LiveListener = (message: LiveMessage, position: string) => unknown;

export interface LiveSubscription extends AsyncDisposable {
  /** `reset`: `after` is no place of this database, so messages begin now. */
  readonly start: LiveReader['start'];
  /** Where to go on from after what the listener has been given so far. */
  position(): string;
  /** Resolves when the listener has finished and will not be called again. */
  close(): Promise<void>;
}

/**
 * Live messages of one workspace, recorded by whatever process, in the order of their commits and each once. They are
 * read from the events themselves, so `after` leaves no gap, however long nobody listened.
 *
 * @example
 * await using live = orThrow(await hw.live.subscribe({ topics: ['link_clicks'] }, console.log));
 */
export async function subscribeLive(
  context: Pick<Context, 'live' | 'logger'>,
  workspace: Workspace,
  input: SubscribeInput,
  listener: LiveListener,
): Promise<Result<LiveSubscription, ValidationRefusal>> {
  const opened = await openLive(context, workspace, input);
  if (!opened.ok) return opened;
  const reader = opened.value;

  async function listen(): Promise<void> {
    for (;;) {
      const message = await reader.next();
      if (message === undefined) return;
      try {
        await listener(message, reader.position());
      } catch (error) {
        context.logger.error('A listener of live messages failed.', {
          error: describeFault(error),
        });
      }
    }
  }
  const listening = listen();
  const close = (): Promise<void> => {
    reader.close();
    return listening;
  };
  return ok({
    start: reader.start,
    position: () => reader.position(),
    close,
    [Symbol.asyncDispose]: close,
  });
}

/** A reader for what a caller asks for. */
export async function openLive(
  context: Pick<Context, 'live'>,
  workspace: Workspace,
  { topics = liveTopics, after }: SubscribeInput,
): Promise<Result<LiveReader, ValidationRefusal>> {
  if (topics.length === 0 || !topics.every((topic) => liveTopics.includes(topic)))
    return refuseField('topics', `must be of ${liveTopics.join(', ')}`);
  let position: LivePosition | undefined;
  if (after !== undefined) {
    position = parseLivePosition(after);
    if (position === undefined) return refuseField('after', 'must be the position of a message');
  }
  const request = { workspaceId: workspace.id, topics: new Set(topics), after: position };
  return ok(await context.live.open(request));
}
