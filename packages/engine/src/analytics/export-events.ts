import type { Context } from '../context.ts';
import { readTimeCursor, timeCursorOf } from '../kernel/page.ts';
import type { InvalidQuery, TimeCursor } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { selectEventPage } from './event-export-store.ts';
import { invalidQuery, readWindow } from './report-window.ts';
import type { FieldProblems, PeriodInput } from '../reports/report-period.ts';
import type { ReportWindow } from './report-window.ts';

export interface ExportEventsInput extends PeriodInput {
  /** Goes on after this event: the `cursor` of the last one that arrived. */
  readonly cursor?: string | undefined;
}

/** Everything that is stored of an event, and the person that it belongs to now. */
export interface StoredEvent {
  readonly id: string;
  readonly type: string;
  readonly name: string | null;
  readonly occurredAt: Date;
  readonly recordedAt: Date;
  readonly visitorId: string | null;
  readonly personId: string | null;
  readonly sessionId: string | null;
  readonly touchId: string | null;
  readonly linkId: string | null;
  readonly url: string | null;
  readonly referrer: string | null;
  readonly amountMinor: bigint | null;
  readonly currency: string | null;
  readonly origin: string;
  readonly machine: string | null;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** An event as it is exported, and where to go on after it. */
export interface ExportedEvent extends StoredEvent {
  readonly cursor: string;
}

const pageSize = 1_000;

/** The events of a window, oldest first, read page by page while they are taken. */
export function exportEvents(
  context: Context,
  workspace: Workspace,
  input: ExportEventsInput = {},
): Result<AsyncGenerator<ExportedEvent>, InvalidQuery> {
  const problems: FieldProblems = {};
  const window = readWindow(
    input,
    { now: context.clock.now(), timezone: workspace.timezone },
    problems,
  );
  const after = input.cursor === undefined ? undefined : readTimeCursor(input.cursor);
  if (input.cursor !== undefined && after === undefined)
    problems['cursor'] = ['is not a cursor of this list'];
  if (Object.keys(problems).length > 0) return invalidQuery(problems);
  return ok(readPages(context, workspace, window, after));
}

async function* readPages(
  { database }: Context,
  workspace: Workspace,
  window: ReportWindow,
  cursor: TimeCursor | undefined,
): AsyncGenerator<ExportedEvent> {
  const reading = { db: database.db, schema: database.schema, workspaceId: workspace.id };
  for (let after = cursor; ;) {
    const rows = await selectEventPage(reading, window, after, pageSize);
    for (const row of rows)
      yield {
        ...toStoredEvent(row),
        cursor: timeCursorOf({ occurredAt: row.occurred_at, id: row.id }),
      };
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return;
    after = { at: last.occurred_at, id: last.id };
  }
}

export function toStoredEvent(
  row: Awaited<ReturnType<typeof selectEventPage>>[number],
): StoredEvent {
  return {
    id: row.id,
    type: row.type,
    name: row.name,
    occurredAt: row.occurred_at,
    recordedAt: row.recorded_at,
    visitorId: row.visitor_id,
    personId: row.person_id,
    sessionId: row.session_id,
    touchId: row.touch_id,
    linkId: row.link_id,
    url: row.url,
    referrer: row.referrer,
    amountMinor: row.amount_minor,
    currency: row.currency,
    origin: row.origin,
    machine: row.machine,
    properties: row.properties ?? {},
  };
}
