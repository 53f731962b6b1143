import type { Context } from '../context.ts';
import { canonicalPath } from '../funnels/url-pattern.ts';
import { eventTypes } from '../ingest/event.ts';
import type { EventType } from '../ingest/event.ts';
import { day } from '../kernel/clock.ts';
import { cutPage, readPage, readTimeCursor, timeCursorOf } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { hostOf, pathOf } from '../kernel/url.ts';
import { membersOfPerson } from '../visitors/members-of-person.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { selectEvents } from './event-list-store.ts';
import type { EventFilter } from './event-list-store.ts';
import { toStoredEvent } from './export-events.ts';
import type { StoredEvent } from './export-events.ts';
import { readWindow } from './report-window.ts';
import type { FieldProblems, PeriodInput } from '../reports/report-period.ts';

/** What has one of the values, and none of those in `not`. `null` stands for no value. */
export interface ValueChoice<Value = string | null> {
  readonly in?: readonly Value[] | undefined;
  readonly notIn?: readonly Value[] | undefined;
}

/** Newest first; 50 to a page. What is asked for holds together. */
export interface ListEventsInput extends PageInput, PeriodInput {
  readonly type?: ValueChoice<EventType> | undefined;
  readonly name?: ValueChoice | undefined;
  /** By path: `/promo` is also `https://shop.example/promo/?utm_source=x`. */
  readonly url?: ValueChoice<string> | undefined;
  readonly source?: ValueChoice | undefined;
  readonly campaign?: ValueChoice | undefined;
  /** By parameter: `gclid`. */
  readonly clickId?: ValueChoice | undefined;
  /** Those of one person, by any of their visitors. */
  readonly visitorId?: string | undefined;
  /** A part of the name or of the address, in whatever case. */
  readonly search?: string | undefined;
}

/** An event, and where its visit came from. */
export interface ListedEvent extends StoredEvent {
  readonly source: string | null;
  readonly medium: string | null;
  readonly campaign: string | null;
  readonly channel: string | null;
  readonly clickIdType: string | null;
}

export interface EventPage {
  readonly events: readonly ListedEvent[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

const fields = {
  type: 'type',
  name: 'name',
  url: 'path',
  source: 'source',
  campaign: 'campaign',
  clickId: 'clickId',
} as const satisfies Partial<Record<keyof ListEventsInput, EventFilter['field']>>;
const valuesMax = 100;
const textLengthMax = 8_192;
const searchLengthMax = 200;

/** The events of a workspace, machines' too (goodanalytics §7.4). */
export async function listEvents(
  context: Context,
  workspace: Workspace,
  input: ListEventsInput = {},
): Promise<Result<EventPage, InvalidQuery>> {
  const problems: FieldProblems = {};
  // An event may say that it happens up to a day from now.
  const latest = { now: context.clock.now() + day, timezone: workspace.timezone };
  const { from, to } = readWindow(input, latest, problems);
  const filters = readChoices(input, problems);
  const { search } = input;
  if (search !== undefined && (search === '' || search.length > searchLengthMax))
    problems['search'] = [`must have 1 to ${searchLengthMax} characters`];
  const page = readPage(input, 50, readTimeCursor, problems);
  if (!page.ok) return page;

  const { visitorId } = input;
  const visitorIds =
    visitorId === undefined ? undefined : await membersOfPerson(context, workspace, visitorId);
  if (visitorId !== undefined && visitorIds === undefined)
    return ok({ events: [], nextCursor: undefined });
  const { limit } = page.value;
  const found = await selectEvents(context.database.db, workspace.id, {
    from,
    to,
    ...page.value,
    limit: limit + 1,
    filters,
    visitorIds,
    search,
  });
  const { rows, nextCursor } = cutPage(found, limit, (row) =>
    timeCursorOf({ id: row.id, occurredAt: row.occurred_at }),
  );
  return ok({ events: rows.map(toEvent), nextCursor });
}

function readChoices(input: ListEventsInput, problems: FieldProblems): readonly EventFilter[] {
  const filters: EventFilter[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const choice = input[name as keyof typeof fields];
    for (const side of ['in', 'notIn'] as const) {
      const values = choice?.[side];
      if (values === undefined) continue;
      const problem = problemOf(values, field);
      if (problem === undefined)
        filters.push({ field, values: values.map(valueOf(field)), excludes: side === 'notIn' });
      else problems[`${name}.${side}`] = [problem];
    }
  }
  return filters;
}

function problemOf(values: unknown, field: EventFilter['field']): string | undefined {
  if (!Array.isArray(values) || values.length < 1 || values.length > valuesMax)
    return `must have 1 to ${valuesMax} values`;
  if (field === 'type')
    return values.every((value) => (eventTypes as readonly unknown[]).includes(value))
      ? undefined
      : `must be of ${eventTypes.join(', ')}`;
  const areTexts = values.every((value) => value === null || isText(value));
  return areTexts ? undefined : `must be null or texts of at most ${textLengthMax} characters`;
}

function isText(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    value.length <= textLengthMax &&
    value.isWellFormed() &&
    !value.includes('\0')
  );
}

function valueOf(field: EventFilter['field']): (value: string | null) => string | null {
  if (field !== 'path') return (value) => value;
  return (value) =>
    value === null ? null : canonicalPath(hostOf(value) === undefined ? value : pathOf(value));
}

function toEvent(row: Awaited<ReturnType<typeof selectEvents>>[number]): ListedEvent {
  return {
    ...toStoredEvent(row),
    source: row.source,
    medium: row.medium,
    campaign: row.campaign,
    channel: row.channel,
    clickIdType: row.click_id_type,
  };
}
