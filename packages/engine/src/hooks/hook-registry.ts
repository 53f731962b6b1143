import type { OutgoingResponse } from '../capture/exchange.ts';
import type { Context } from '../context.ts';
import type { EventType, IncomingEvent } from '../ingest/event.ts';
import { recordedEventOf, waitingEventOf } from '../ingest/recorded-event.ts';
import type { Announce, CommittedBatch, RecordedEvent } from '../ingest/recorded-event.ts';
import type { VisitedEvent } from '../ingest/visit-step.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { within } from '../kernel/within.ts';
import { readHookAnswer } from './hook-answer.ts';
import type { Hook, HookAnswer, HookOptions, HookRegistration, HookVisitor } from './hook.ts';

/** All hooks of one redirect together have this long. */
const redirectMilliseconds = 50;
const closeMilliseconds = 5_000;

/** The host's callbacks on events. Each is called once for an event, in the process that committed it. */
export interface HookRegistry {
  /** Returns what takes the hook away again. */
  register(type: EventType, hook: Hook, options?: HookOptions): () => void;
  /** Calls what is due after a commit, without waiting for it. */
  readonly announce: Announce;
  /**
   * The hooks of a click that is about to be recorded, to be called when its redirect is about to go out: what they
   * add to the answer. `undefined` where there is none.
   */
  forRedirect(
    click: IncomingEvent,
  ): ((secure: boolean) => Promise<OutgoingResponse['headers']>) | undefined;
  /** Waits a moment for the hooks that are still at work. */
  close(): Promise<void>;
}

interface Told {
  readonly event: RecordedEvent;
  readonly visitor: HookVisitor | undefined;
}

export function createHookRegistry({
  options,
  logger,
}: Pick<Context, 'options' | 'logger'>): HookRegistry {
  const registered = new Set<HookRegistration>(options.hooks?.map((hook) => ({ ...hook })));
  /** Clicks whose redirects wait for them. */
  const awaited = new Map<string, Told | undefined>();
  const running = new Set<Promise<void>>();

  function announce(batch: CommittedBatch): void {
    if (registered.size === 0) return;
    for (const visited of batch.events) {
      const { id, type, origin } = visited.resolved.planned.recognised.event;
      const due = dueAfterCommit(type, origin === 'redirect');
      if (due.length === 0 && !awaited.has(id)) continue;
      const told = tell(batch, visited);
      if (awaited.has(id)) awaited.set(id, told);
      for (const hook of due) begin(hook, told);
    }
  }

  /** The redirect has called the others itself. */
  function dueAfterCommit(type: EventType, redirected: boolean): HookRegistration[] {
    return [...registered].filter(
      (hook) => hook.type === type && (hook.async === true || !redirected),
    );
  }

  function begin(hook: HookRegistration, told: Told): void {
    const run = (async () => {
      // The callers that wait for this very commit are answered first.
      await new Promise((resolve) => setImmediate(resolve));
      await call(hook, told);
    })();
    running.add(run);
    void run.finally(() => running.delete(run));
  }

  async function call(
    hook: HookRegistration,
    { event, visitor }: Told,
    milliseconds?: number,
  ): Promise<HookAnswer | undefined> {
    try {
      const answer = Promise.resolve(hook.run(event, visitor));
      return (
        (await (milliseconds === undefined ? answer : within(answer, milliseconds))) ?? undefined
      );
    } catch (error) {
      const details = { type: event.type, eventId: event.id };
      if (error instanceof UnavailableError && milliseconds !== undefined)
        logger.warn('A hook took longer than a redirect waits.', { ...details, milliseconds });
      else logger.error('A hook failed.', { ...details, error: describeFault(error) });
      return undefined;
    }
  }

  function headersOf(answer: HookAnswer | undefined, secure: boolean): OutgoingResponse['headers'] {
    if (answer === undefined) return [];
    try {
      const { headers, problems } = readHookAnswer(answer, secure);
      if (problems.length > 0)
        logger.error('A hook asked for what an answer cannot have.', { problems });
      return headers;
    } catch (error) {
      logger.error('The answer of a hook is malformed.', { error: describeFault(error) });
      return [];
    }
  }

  return {
    announce,
    register(type, run, settings) {
      const hook = { ...settings, type, run };
      registered.add(hook);
      return () => registered.delete(hook);
    },
    forRedirect(click) {
      if (registered.size === 0) return undefined;
      const due = [...registered].filter((hook) => hook.type === click.type && hook.async !== true);
      if (due.length === 0) return undefined;
      awaited.set(click.id, undefined);
      return async (secure) => {
        const told = awaited.get(click.id) ?? { event: waitingEventOf(click), visitor: undefined };
        awaited.delete(click.id);
        const answers = await Promise.all(
          due.map((hook) => call(hook, told, redirectMilliseconds)),
        );
        return answers.flatMap((answer) => headersOf(answer, secure));
      };
    },
    async close() {
      await within(Promise.allSettled(running), closeMilliseconds).catch(() => {
        logger.warn('Hooks were still at work when the engine closed.', { hooks: running.size });
      });
    },
  };
}

function tell(batch: CommittedBatch, visited: VisitedEvent): Told {
  const event = recordedEventOf(batch, visited);
  const { visitorId } = event;
  return {
    event,
    visitor:
      visitorId === undefined ? undefined : { id: visitorId, personId: batch.rootOf(visitorId) },
  };
}
