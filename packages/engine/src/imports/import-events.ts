import type { Context } from '../context.ts';
import { checkEvent } from '../ingest/check-event.ts';
import { trackEvents } from '../ingest/track-event.ts';
import type { TrackEventInput } from '../ingest/track-event.ts';
import { ok } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField, refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { mapByName, readMapping } from './event-mapping.ts';
import type { EventMapping, FieldSources } from './event-mapping.ts';
import { countEvents } from './events-report.ts';
import type { EventsCounter, EventsReport, RejectedRow } from './events-report.ts';
import { mapRow } from './map-row.ts';
import type { FieldProblem } from './map-row.ts';
import { createOccurrences } from './occurrences.ts';
import type { Occurrence } from './occurrences.ts';
import { isBrokenPacking, readInput } from './read-input.ts';
import type { ImportStream, InputRefusal } from './read-input.ts';
import { MalformedInputError, readRows } from './read-rows.ts';
import type { InputRow, RowFormat } from './read-rows.ts';
import { sendInOrder } from './send-in-order.ts';
import type { OrderedSending } from './send-in-order.ts';
import { insist } from './submit-events.ts';

export interface EventsImportOptions {
  readonly format: RowFormat;
  /** Which column fills which field. @default columns that have the names of our fields */
  readonly map?: EventMapping;
  /** What separates the cells of CSV. @default ',' */
  readonly delimiter?: string;
  /** Reads, maps and checks, and writes nothing. @default false */
  readonly dryRun?: boolean;
  /** Ends the import between two rows; the same import goes on where it was. */
  readonly signal?: AbortSignal;
  /** Told of everything that is wrong, as it is found. */
  readonly onRejected?: (row: RejectedRow) => void;
  /** Called about once for every 500 rows. */
  readonly onProgress?: (progress: EventsProgress) => void;
}

export type EventsProgress = Pick<EventsReport, 'rows' | 'imported' | 'alreadyThere' | 'rejected'>;
export type EventsImportRefusal = ValidationRefusal | InputRefusal;

const chunkSize = 500;

/**
 * Imports events of another system from CSV or NDJSON: each row becomes an event by the mapping, and counts once however
 * often it is read. People that nobody knows yet become visitors.
 * @throws {UnavailableError} the database has been away for minutes; the same import may be run again.
 */
export async function importEvents(
  context: Context,
  workspace: Workspace,
  stream: ImportStream,
  options: EventsImportOptions,
): Promise<Result<EventsReport, EventsImportRefusal>> {
  const { format, delimiter = ',', map } = options;
  if (delimiter.length !== 1) return refuseField('delimiter', 'must be one character');
  const given = map === undefined ? undefined : readMapping(map);
  if (given?.ok === false) return given;
  const input = await readInput(stream);
  if (!input.ok) return input;
  const { columns, rows } = await readRows(input.value, format, delimiter);
  const sources = given?.value ?? mapByName(columns ?? []);
  const missing = given === undefined ? undefined : findMissingColumns(sources, columns);
  if (missing !== undefined) return missing;

  const counter = countEvents((row) => options.onRejected?.(row));
  const run: Run = {
    context,
    workspace,
    options,
    sources,
    counter,
    occurrenceOf: createOccurrences(),
    sending: sendInOrder<Sent>((chunk) => send(run, chunk), { lanes: 1, chunkSize }),
  };
  const ended = await takeAll(run, rows);
  await run.sending.finish();
  const used = new Set([...sources.values()].map(({ column }) => column));
  const unusedColumns = (columns ?? []).filter((column) => !used.has(column));
  return ok(counter.finish({ ended, dryRun: options.dryRun === true, unusedColumns }));
}

interface Sent {
  readonly line: number;
  readonly input: TrackEventInput;
}

interface Run {
  readonly context: Context;
  readonly workspace: Workspace;
  readonly options: EventsImportOptions;
  readonly sources: FieldSources;
  readonly counter: EventsCounter;
  readonly occurrenceOf: (record: Uint8Array) => Occurrence;
  readonly sending: OrderedSending<Sent>;
}

async function takeAll(run: Run, rows: AsyncIterable<InputRow>): Promise<EventsReport['ended']> {
  const { signal, onProgress } = run.options;
  const { counter } = run;
  const { counts } = counter;
  try {
    for await (const row of rows) {
      if (signal?.aborted === true) return 'stopped';
      const busy = take(run, row);
      if (busy !== undefined) await busy;
      if (counts.rows % chunkSize === 0) onProgress?.(counter.progress());
    }
    return 'complete';
  } catch (error) {
    // A stream that the same signal closes ends like this. What sending threw, its end throws again.
    if (signal?.aborted === true) return 'stopped';
    if (isBrokenPacking(error)) return 'cut_off';
    if (!(error instanceof MalformedInputError)) throw error;
    counts.rows += 1;
    counter.reject(error.line, [{ field: 'row', message: error.message }]);
    return 'cut_off';
  }
}

/** Counts one row, and hands on what is an event; the answer is to be waited for where there is one. */
function take(run: Run, row: InputRow): Promise<void> | undefined {
  const { counter, workspace, context, options } = run;
  counter.counts.rows += 1;
  const { digest, number } = run.occurrenceOf(row.content);
  if (row.record === undefined) {
    counter.reject(row.line, [{ field: 'row', message: row.problem ?? 'cannot be read' }]);
    return undefined;
  }
  const mapped = mapRow(row.record, run.sources, workspace.currency);
  if (mapped.kind === 'left_out') {
    counter.counts.leftOut += 1;
    return undefined;
  }
  if (mapped.kind === 'rejected') {
    counter.reject(row.line, mapped.problems);
    return undefined;
  }
  const refusal = checkEvent(workspace, mapped.input, context.clock.now());
  if (refusal !== undefined) {
    counter.reject(row.line, problemsOf(refusal, mapped.input));
    return undefined;
  }
  counter.sample(mapped.input);
  if (options.dryRun === true) {
    counter.counts.importable += 1;
    return undefined;
  }
  const { eventId, idempotencyKey } = mapped.input;
  const input =
    eventId === undefined && idempotencyKey === undefined
      ? { ...mapped.input, idempotencyKey: `import:${digest}:${number}` }
      : mapped.input;
  return run.sending.add({ line: row.line, input });
}

async function send({ context, workspace, counter }: Run, chunk: readonly Sent[]): Promise<void> {
  const inputs = chunk.map(({ input }) => input);
  const results = await insist(() =>
    trackEvents(context, workspace, inputs, { origin: 'import', createsVisitor: true }),
  );
  for (const [index, result] of results.entries()) {
    const { line, input } = chunk[index]!;
    if (!result.ok) {
      counter.reject(line, problemsOf(result, input));
      continue;
    }
    const outcome = result.value;
    switch (outcome.outcome) {
      case 'accepted':
        counter.counts.imported += 1;
        if (outcome.identity.outcome === 'created') counter.counts.newPeople += 1;
        break;
      case 'duplicate':
        counter.counts.alreadyThere += 1;
        break;
      case 'rejected':
        counter.reject(line, [refusedBy(outcome.code, outcome.message)]);
    }
  }
}

function refusedBy(code: string, message: string): FieldProblem {
  switch (code) {
    case 'visitor_not_found':
      return { field: 'visitor_id', message: 'must be a visitor of this workspace' };
    case 'idempotency_conflict':
      return {
        field: 'row',
        message:
          'was imported before with other content: by another mapping, or two rows share one key',
      };
    default:
      return { field: 'row', message };
  }
}

/** What the fields of {@link TrackEventInput} are called in a mapping, where that is not only another spelling. */
const namesInMappings: Readonly<Record<string, string>> = {
  type: 'event_type',
  name: 'event_name',
  externalId: 'person_external_id',
  email: 'person_email',
  phone: 'person_phone',
  clickId: 'hw_click',
  amountMinor: 'amount',
};

function problemsOf(refusal: Refusal, input: TrackEventInput): FieldProblem[] {
  const errors = Object.entries(refusal.errors ?? {});
  if (errors.length === 0) return [{ field: 'row', message: refusal.message }];
  return errors.flatMap(([field, messages]) =>
    messages.map((message) => ({ field: nameInMapping(field, input), message })),
  );
}

function nameInMapping(field: string, { identifiers }: TrackEventInput): string {
  const index = /^identifiers\[(\d+)\]/.exec(field)?.[1];
  if (index !== undefined) return `identifiers.${identifiers?.[Number(index)]?.kind ?? index}`;
  const snakeCase = (text: string): string =>
    text.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return field.replace(/^\w+/, (first) => namesInMappings[first] ?? snakeCase(first));
}

/** A mapping that names a column which is not there is for another file. */
function findMissingColumns(
  sources: FieldSources,
  columns: readonly string[] | undefined,
): ValidationRefusal | undefined {
  if (columns === undefined) return undefined;
  const errors: Record<string, string[]> = {};
  for (const [field, { column }] of sources) {
    if (column === undefined || columns.includes(column)) continue;
    errors[`map.${field}`] = [
      `names the column ${column}, and the file has ${columns.join(', ').slice(0, 500)}`,
    ];
  }
  return Object.keys(errors).length === 0 ? undefined : refuseFields(errors);
}
