import type { Context } from '../context.ts';
import { checkEvent } from '../ingest/check-event.ts';
import type { EventRefusal } from '../ingest/check-event.ts';
import type { IncomingEvent } from '../ingest/event.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { captureAccessLog } from './access-log-event.ts';
import type { AccessLogCapture } from './access-log-event.ts';
import { openAccessLog } from './access-log-input.ts';
import { checkAccessLogOptions } from './access-log-options.ts';
import type { AccessLogOptions } from './access-log-options.ts';
import { parseAccessLogLine } from './access-log-line.ts';
import type { AccessLogLine } from './access-log-line.ts';
import { countAccessLog } from './access-log-report.ts';
import type { AccessLogCounter, AccessLogReport } from './access-log-report.ts';
import { classifyRequest, otherReason } from './log-request.ts';
import { createOccurrences } from './occurrences.ts';
import type { Occurrence } from './occurrences.ts';
import { isBrokenPacking } from './read-input.ts';
import type { ImportStream, InputRefusal } from './read-input.ts';
import type { InputLine } from './read-lines.ts';
import { sendInOrder } from './send-in-order.ts';
import type { OrderedSending } from './send-in-order.ts';
import { submitEvents } from './submit-events.ts';

export type AccessLogRefusal = ValidationRefusal | InputRefusal;

const chunkSize = 500;
const placesPatience = { seconds: 10 };

/**
 * Imports an access log: pages as page views, through the one ingest pipeline, each line once however often it is read.
 * Machines are recorded as such; files and whatever else is no page are counted.
 * @throws {UnavailableError} the database has been away for minutes; the same import may be run again.
 */
export async function importAccessLog(
  context: Context,
  workspace: Workspace,
  stream: ImportStream,
  options: AccessLogOptions = {},
): Promise<Result<AccessLogReport, AccessLogRefusal>> {
  const refusal = checkAccessLogOptions(options);
  if (refusal !== undefined) return refusal;
  const opened = await openAccessLog(stream, options.site);
  if (!opened.ok) return opened;
  const { site, batches } = opened.value;
  // Without a database of places, events have none.
  await context.places.ready({ within: placesPatience });
  const run: Run = {
    context,
    workspace,
    options,
    counter: countAccessLog(),
    capture: captureAccessLog(context, workspace, site?.origin),
    occurrenceOf: createOccurrences(),
    sending: sendInOrder<Sent>((chunk) => send(run, chunk), {
      lanes: context.database.batchesInFlight,
      chunkSize,
    }),
  };
  const ended = await takeAll(run, batches);
  await run.sending.finish();
  return ok(
    run.counter.finish({
      ended,
      dryRun: options.dryRun === true,
      nextLine: run.counter.counts.lines + 1,
      site,
    }),
  );
}

interface Sent {
  readonly line: number;
  readonly event: IncomingEvent;
}

interface Run {
  readonly context: Context;
  readonly workspace: Workspace;
  readonly options: AccessLogOptions;
  readonly counter: AccessLogCounter;
  readonly capture: AccessLogCapture;
  readonly occurrenceOf: (record: Uint8Array) => Occurrence;
  readonly sending: OrderedSending<Sent>;
}

async function takeAll(
  run: Run,
  batches: AsyncIterable<readonly InputLine[]>,
): Promise<AccessLogReport['ended']> {
  const { signal, onProgress } = run.options;
  const { counts } = run.counter;
  try {
    for await (const lines of batches) {
      for (const line of lines) {
        if (signal?.aborted === true) return 'stopped';
        const busy = take(run, line);
        if (busy !== undefined) await busy;
      }
      const { pageviews, machines } = counts;
      onProgress?.({
        lines: counts.lines,
        imported: pageviews.imported + machines.imported,
        alreadyThere: pageviews.alreadyThere + machines.alreadyThere,
      });
    }
    return 'complete';
  } catch (error) {
    // A stream that the same signal closes ends like this. What sending threw, its end throws again.
    if (signal?.aborted === true) return 'stopped';
    if (isBrokenPacking(error)) return 'cut_off';
    throw error;
  }
}

/** Counts one line, and hands on what is an event; the answer is to be waited for where there is one. */
function take(run: Run, { number, bytes }: InputLine): Promise<void> | undefined {
  const { options, counter } = run;
  const { counts } = counter;
  counts.lines += 1;
  // Every run has to number identical lines alike, whatever part of them it imports.
  const occurrence = bytes && run.occurrenceOf(bytes);
  if (number < (options.fromLine ?? 1)) {
    counts.skipped += 1;
    return undefined;
  }
  const line = bytes === undefined ? 'too_long' : parseAccessLogLine(bytes.toString());
  if (typeof line === 'string' || occurrence === undefined) {
    counter.reject(number, typeof line === 'string' ? line : 'too_long');
    return undefined;
  }
  const { since, until } = options;
  if ((since && line.at < since.getTime()) || (until && line.at >= until.getTime())) {
    counts.outside += 1;
    return undefined;
  }
  counter.see(line.at);
  const untimely = checkTime(run, line);
  if (untimely !== undefined) {
    counter.reject(number, untimely.code, untimely.errors?.['occurredAt']?.[0]);
    return undefined;
  }
  // The common format does not name the user agent, so it tells nobody from a machine.
  const device =
    line.userAgent === undefined ? undefined : run.context.devices.describe(line.userAgent);
  if (!isPage(counter, line, device?.machine?.name)) return undefined;
  const event = run.capture(line, occurrence, device);
  noteOrigin(counter, event);
  if (options.dryRun === true) return undefined;
  return run.sending.add({ line: number, event }, laneOf(event));
}

function checkTime({ context, workspace }: Run, { at }: AccessLogLine): EventRefusal | undefined {
  return checkEvent(workspace, { type: 'pageview', occurredAt: new Date(at) }, context.clock.now());
}

function isPage(counter: AccessLogCounter, line: AccessLogLine, machine?: string): boolean {
  const { counts } = counter;
  const requestClass = classifyRequest(line);
  if (machine !== undefined) {
    counts.machines.lines += 1;
    counter.machinesByName.add(machine);
    if (requestClass !== 'page') counts.machines.notPages += 1;
  } else if (requestClass === 'asset') {
    counts.assets += 1;
  } else if (requestClass === 'other') {
    counts.others += 1;
    counter.othersByReason.add(otherReason(line));
  } else {
    counts.pageviews.lines += 1;
  }
  return requestClass === 'page';
}

function noteOrigin({ referrers, countries }: AccessLogCounter, event: IncomingEvent): void {
  const { arrival, machine, place } = event;
  if (machine === undefined && place !== undefined) countries.add(place.country);
  if (arrival === undefined || arrival.source.kind === 'internal') return;
  if (arrival.source.referrerHost !== undefined) referrers.add(arrival.source.referrerHost);
}

/** Everything of one visitor goes by one lane, and so in the order of its times; machines have no visits. */
function laneOf({ identifiers, key }: IncomingEvent): number {
  return (identifiers[0]?.value ?? key).charCodeAt(0);
}

async function send({ context, counter }: Run, chunk: readonly Sent[]): Promise<void> {
  const outcomes = await submitEvents(
    context,
    chunk.map(({ event }) => event),
  );
  for (const [index, outcome] of outcomes.entries()) {
    const { line, event } = chunk[index]!;
    const recorded =
      event.machine === undefined ? counter.counts.pageviews : counter.counts.machines;
    switch (outcome.outcome) {
      case 'accepted':
        recorded.imported += 1;
        if (outcome.identity.outcome === 'created') counter.counts.newPeople += 1;
        break;
      case 'duplicate':
        recorded.alreadyThere += 1;
        break;
      case 'rejected':
        recorded.lines -= 1;
        counter.reject(line, outcome.code, outcome.message);
    }
  }
}
