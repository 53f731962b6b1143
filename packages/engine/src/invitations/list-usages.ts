import type { Context } from '../context.ts';
import { cutPage, readPage, readTimeCursor, timeCursorOf } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { movePeriod, periodProblem } from '../kernel/period.ts';
import type { Period } from '../kernel/period.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { invitationNotFound } from './change-invitation.ts';
import type { InvitationNotFound } from './change-invitation.ts';
import { readEntity } from './entity.ts';
import type { EntityInput, StoredEntity } from './entity.ts';
import { idOf } from './get-invitation.ts';
import type { InvitationReference } from './get-invitation.ts';
import { hashEntity } from './hash-entity.ts';
import { findInvitation } from './invitation-store.ts';
import { selectEntities, selectUsages, selectUsagesOfEntities } from './usage-store.ts';
import type { EntityCursor, UsageFilter } from './usage-store.ts';
import type { Usage } from './usage.ts';

/** Which usages; several are a conjunction. */
export interface UsageQuery {
  readonly entityType?: string | undefined;
  readonly entity?: EntityInput | undefined;
  readonly action?: string | undefined;
  /** Later than an instant, or than this long ago: `{ days: 7 }`. */
  readonly since?: Date | Period | undefined;
}

export type ListUsagesInput = UsageQuery & PageInput;

export interface UsagePage {
  readonly usages: readonly Usage[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** The usages of an invitation, newest first, 50 to a page where no `limit` is given. */
export async function listUsages(
  context: Context,
  workspace: Workspace,
  reference: InvitationReference,
  input: ListUsagesInput = {},
): Promise<Result<UsagePage, InvalidQuery | InvitationNotFound>> {
  const errors: Record<string, string[]> = {};
  const filter = readUsageQuery(context, workspace, input, errors);
  const page = readPage(input, 50, readTimeCursor, errors);
  if (!page.ok) return page;
  const id = await findUsedInvitation(context, workspace, reference);
  if (id === undefined) return invitationNotFound();
  const { limit, offset, before } = page.value;
  const found = await selectUsages(context.database.db, workspace.id, id, {
    ...filter,
    before,
    limit: limit + 1,
    offset,
  });
  const { rows, nextCursor } = cutPage(found, limit, timeCursorOf);
  return ok({ usages: rows, nextCursor });
}

/** What one entity did, its newest usages first: 100 at most. */
export interface EntityUsages {
  readonly entity: StoredEntity;
  /** How many there are, also where not all of them are here. */
  readonly count: number;
  readonly usages: readonly Usage[];
}

export interface EntityUsagesPage {
  readonly entities: readonly EntityUsages[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

const usagesOfEach = 100;

/** The usages of an invitation by entity, who was there last first. A user and a company with one id are two. */
export async function listUsagesByEntity(
  context: Context,
  workspace: Workspace,
  reference: InvitationReference,
  input: UsageQuery & Omit<PageInput, 'offset'> = {},
): Promise<Result<EntityUsagesPage, InvalidQuery | InvitationNotFound>> {
  const errors: Record<string, string[]> = {};
  const filter = readUsageQuery(context, workspace, input, errors);
  const page = readPage({ limit: input.limit, cursor: input.cursor }, 50, readEntityCursor, errors);
  if (!page.ok) return page;
  const id = await findUsedInvitation(context, workspace, reference);
  if (id === undefined) return invitationNotFound();
  const { limit, before } = page.value;
  const { db } = context.database;
  const found = await selectEntities(db, workspace.id, id, { ...filter, before, limit: limit + 1 });
  const { rows, nextCursor } = cutPage(
    found,
    limit,
    (row) => `${row.latestAt.getTime()}_${row.type}_${row.keyHex}`,
  );
  const usages = await selectUsagesOfEntities(
    db,
    workspace.id,
    id,
    filter,
    rows.map(({ key }) => key),
    usagesOfEach,
  );
  return ok({
    nextCursor,
    entities: rows.map(({ type, id: entityId, keyHex, count }) => ({
      entity: { type, id: entityId },
      count,
      usages: usages
        .filter((usage) => usage.keyHex === keyHex && usage.entity.type === type)
        .map(({ keyHex: _key, ...usage }) => usage),
    })),
  });
}

/** The id, where it is that of an invitation of the workspace, archived or not. */
export async function findUsedInvitation(
  context: Context,
  workspace: Workspace,
  reference: InvitationReference,
): Promise<string | undefined> {
  const id = idOf(reference);
  if (id === undefined) return undefined;
  return (await findInvitation(context.database.db, workspace.id, id))?.id;
}

/** The filter of a query; what is wrong with it goes into `errors`. */
export function readUsageQuery(
  context: Context,
  workspace: Workspace,
  { entityType, entity, action, since }: UsageQuery,
  errors: Record<string, string[]>,
): UsageFilter {
  const named = entity === undefined ? undefined : readEntity(entity);
  if (named !== undefined && 'problem' in named) errors['entity'] = [named.problem];
  const own = named !== undefined && 'entity' in named ? named.entity : undefined;
  for (const [field, value] of Object.entries({ entityType, action })) {
    if (value !== undefined && (typeof value !== 'string' || value.length > 255))
      errors[field] = ['must be a text of at most 255 characters'];
  }
  const at = readSince(since, context.clock.now());
  if (typeof at === 'string') errors['since'] = [at];
  return {
    action,
    entityType: own?.type ?? entityType,
    entityKey: own === undefined ? undefined : hashEntity(workspace, own),
    since: typeof at === 'string' ? undefined : at,
  };
}

function readSince(since: Date | Period | undefined, now: number): Date | string | undefined {
  if (since === undefined) return undefined;
  if (since instanceof Date) return Number.isNaN(since.getTime()) ? 'must be a time' : since;
  const problem = periodProblem(since);
  return problem ?? new Date(movePeriod(now, since, -1) ?? 0);
}

function readEntityCursor(cursor: string): EntityCursor | undefined {
  const [, time, type, keyHex] =
    /^(-?\d{1,15})_([a-z0-9_]{1,63})_([0-9a-f]{32})$/.exec(cursor) ?? [];
  return type === undefined || keyHex === undefined
    ? undefined
    : { at: new Date(Number(time)), type, keyHex };
}
