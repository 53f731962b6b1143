import { setTimeout as pause } from 'node:timers/promises';

import type { Context } from '../context.ts';
import type { IncomingEvent, IngestOutcome } from '../ingest/event.ts';
import { minute, second } from '../kernel/clock.ts';
import { UnavailableError } from '../kernel/errors.ts';

/** How long one event may wait for its commit. An import has time; its caller has a signal. */
const patienceMilliseconds = minute;
/** How often what the engine could not take is offered again. */
const attemptsMax = 10;

/**
 * Submits events that make one batch, in which they count in the order of their times. Live events go first.
 * @throws {UnavailableError} the database has been away for minutes; the events may be submitted again.
 */
export function submitEvents(
  { ingest }: Pick<Context, 'ingest'>,
  events: readonly IncomingEvent[],
): Promise<IngestOutcome[]> {
  const options = { together: events, background: true, patienceMilliseconds };
  return Promise.all(events.map((event) => insist(() => ingest.submit(event, options))));
}

/** Does something again that found the engine busy or the database away: under its key an event counts once. */
export async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UnavailableError) || attempt === attemptsMax) throw error;
      await pause(error.retryAfterSeconds * second);
    }
  }
}
