import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { cutPage, readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findPeopleOf } from './conversion-source-store.ts';
import { countDispatches, selectDispatches } from './dispatch-store.ts';
import type { DispatchFilter } from './dispatch-store.ts';
import { dispatchStatuses } from './dispatch.ts';
import type { Dispatch, DispatchStatus } from './dispatch.ts';

/** 50 dispatches to a page where no `limit` is given. */
export interface ListDispatchesInput extends PageInput, DispatchFilterInput {
  /** Any visitor of the person who converted. */
  readonly visitorId?: string | undefined;
}

/** Which dispatches are meant; what is left out is any. */
export interface DispatchFilterInput {
  readonly connector?: string | undefined;
  readonly status?: DispatchStatus | undefined;
  /** Why it was skipped or has failed. */
  readonly reason?: string | undefined;
  /** The conversion. */
  readonly eventId?: string | undefined;
  /** When the conversion happened: from then on. */
  readonly from?: Date | undefined;
  /** Before that. */
  readonly to?: Date | undefined;
}

export interface DispatchPage {
  readonly dispatches: readonly Dispatch[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

export type DispatchNotFound = Refusal & { readonly code: 'dispatch_not_found' };

/** What was planned for connectors and what became of it, newest first. */
export async function listDispatches(
  context: Context,
  workspace: Workspace,
  input: ListDispatchesInput = {},
): Promise<Result<DispatchPage, InvalidQuery>> {
  const errors = filterErrors(input);
  if (input.visitorId !== undefined && !isUuid(input.visitorId))
    errors['visitorId'] = ['must be a UUID'];
  const page = readPage(input, 50, readIdCursor, errors);
  if (!page.ok) return page;
  const { limit } = page.value;
  const { db } = context.database;
  const { visitorId } = input;
  const visitorIds =
    visitorId === undefined
      ? undefined
      : (await findPeopleOf(db, workspace.id, [visitorId])).get(visitorId);
  // Nobody has no conversions.
  if (visitorId !== undefined && visitorIds === undefined)
    return ok({ dispatches: [], nextCursor: undefined });
  const filter = { ...toFilter(input), visitorIds };
  const found = await selectDispatches(db, workspace.id, filter, {
    ...page.value,
    limit: limit + 1,
  });
  const { rows, nextCursor } = cutPage(found, limit, (dispatch) => dispatch.id);
  return ok({ dispatches: rows, nextCursor });
}

/** How many there are, by connector, status and reason. */
export async function summariseDispatches(
  context: Context,
  workspace: Workspace,
  input: DispatchFilterInput = {},
): Promise<
  Result<
    ReadonlyArray<{
      readonly connector: string;
      readonly status: DispatchStatus;
      readonly reason: string | undefined;
      readonly count: number;
    }>,
    InvalidQuery
  >
> {
  const page = readPage({}, 50, readIdCursor, filterErrors(input));
  if (!page.ok) return page;
  return ok(await countDispatches(context.database.db, workspace.id, toFilter(input)));
}

export async function getDispatch(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<Dispatch | undefined> {
  if (!isUuid(id)) return undefined;
  const page = { limit: 1, offset: 0, before: undefined };
  const filter = { ids: [id.toLowerCase()] };
  const [dispatch] = await selectDispatches(context.database.db, workspace.id, filter, page);
  return dispatch;
}

export function dispatchNotFound(): DispatchNotFound {
  return refuse('dispatch_not_found', 'There is no such dispatch.');
}

/** What is wrong with a filter, by field. */
export function filterErrors(input: DispatchFilterInput): Record<string, string[]> {
  const errors: Record<string, string[]> = {};
  const { status, eventId, from, to } = input;
  if (status !== undefined && !dispatchStatuses.includes(status))
    errors['status'] = [`must be one of ${dispatchStatuses.join(', ')}`];
  if (eventId !== undefined && !isUuid(eventId)) errors['eventId'] = ['must be a UUID'];
  for (const [field, at] of Object.entries({ from, to }))
    if (at !== undefined && !(at instanceof Date && !Number.isNaN(at.getTime())))
      errors[field] = ['must be a time'];
  return errors;
}

export function toFilter(input: DispatchFilterInput): DispatchFilter {
  const { connector, status, reason, eventId, from, to } = input;
  return {
    connector,
    statuses: status === undefined ? undefined : [status],
    reason,
    eventId: eventId?.toLowerCase(),
    from,
    to,
  };
}
