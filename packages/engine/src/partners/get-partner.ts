import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { textProblem } from '../kernel/json-limits.ts';
import { cutPage, readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { open } from '../security/keyring.ts';
import type { Db } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { partnerStatuses } from './partner.ts';
import type { Partner, PartnerStatus } from './partner.ts';
import {
  findPartner,
  findPartnerByKey,
  selectActivePartnerIds,
  selectPartners,
} from './partner-store.ts';
import type { PartnerRow } from './partner-store.ts';

/** 50 to a page where no `limit` is given. */
export interface ListPartnersInput extends PageInput {
  /** @default all but the archived ones */
  readonly status?: PartnerStatus | undefined;
  readonly programId?: string | undefined;
  /** Exactly this group. */
  readonly group?: string | undefined;
  /** Only these, archived or not; at most 200. */
  readonly ids?: readonly string[] | undefined;
  /** A part of the key or the name, in whatever case. */
  readonly search?: string | undefined;
}

export interface PartnerPage {
  readonly partners: readonly Partner[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

const searchLengthMax = 200;
const idsMax = 200;

/** The partner with this id, archived or not. */
export async function getPartner(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<Partner | undefined> {
  const row = isUuid(id) ? await findPartner(context.database.db, workspace.id, id) : undefined;
  return row && showPartner(workspace, row);
}

/** The partner with this key who is not archived, however it is typed. */
export async function getPartnerByKey(
  context: Context,
  workspace: Workspace,
  key: string,
): Promise<Partner | undefined> {
  const row = await findPartnerByKey(context.database.db, workspace.id, key);
  return row && showPartner(workspace, row);
}

/** Whether somebody may earn on a link now; for other domains. */
export async function isActivePartner(db: Db, workspaceId: string, id: string): Promise<boolean> {
  return isUuid(id) && (await findPartner(db, workspaceId, id))?.status === 'active';
}

/** Those of the ids on whose links nobody may earn now; for other domains. */
export async function findInactivePartners(
  db: Db,
  workspaceId: string,
  ids: ReadonlyArray<string | null>,
): Promise<ReadonlySet<string>> {
  const wanted = new Set(ids.filter((id) => id !== null));
  if (wanted.size === 0) return wanted;
  return wanted.difference(new Set(await selectActivePartnerIds(db, workspaceId, [...wanted])));
}

/** Partners, newest first. */
export async function listPartners(
  context: Context,
  workspace: Workspace,
  input: ListPartnersInput = {},
): Promise<Result<PartnerPage, InvalidQuery>> {
  const { status, programId, group, ids, search } = input;
  const errors: Record<string, string[]> = {};
  if (status !== undefined && !partnerStatuses.includes(status))
    errors['status'] = [`must be one of ${partnerStatuses.join(', ')}`];
  if (programId !== undefined && !isUuid(programId)) errors['programId'] = ['must be a UUID'];
  if (ids !== undefined && (ids.length > idsMax || !ids.every(isUuid)))
    errors['ids'] = [`must be at most ${idsMax} UUIDs`];
  const groupProblem = group === undefined ? undefined : textProblem(group);
  if (groupProblem !== undefined) errors['group'] = [groupProblem];
  if (search !== undefined && (search === '' || search.length > searchLengthMax))
    errors['search'] = [`must have 1 to ${searchLengthMax} characters`];
  else if (search !== undefined && textProblem(search) !== undefined)
    errors['search'] = ['must not contain control or broken characters'];
  const page = readPage(input, 50, readIdCursor, errors);
  if (!page.ok) return page;
  const { limit, offset, before } = page.value;
  const filter = { status, programId, group, ids, search, before, limit: limit + 1, offset };
  const found = await selectPartners(context.database.db, workspace.id, filter);
  const { rows, nextCursor } = cutPage(found, limit, ({ id }) => id);
  return ok({ partners: rows.map((row) => showPartner(workspace, row)), nextCursor });
}

/** Without what only the table needs, and with the address in clear. */
export function showPartner(workspace: Workspace, row: PartnerRow): Partner {
  return {
    workspaceId: row.workspaceId,
    id: row.id,
    key: row.key,
    name: row.name,
    status: row.status,
    externalId: row.externalId,
    email: row.email === null ? null : open(workspace.dataKey, row.email).toString('utf8'),
    metadata: row.metadata,
    programId: row.programId,
    group: row.group,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    archivedAt: row.archivedAt,
  };
}
