import type { Context } from '../context.ts';
import { readEntity, userType } from '../invitations/entity.ts';
import { hashEntity } from '../invitations/hash-entity.ts';
import { textProblem } from '../kernel/json-limits.ts';
import { cutPage, readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { countCodes, selectCodes, showCode } from './code-store.ts';
import type { ReferralCode } from './referral-code.ts';

/** 50 codes to a page where no `limit` is given. */
export interface ListCodesInput extends PageInput {
  /** Only those that can be redeemed now, or only those that cannot. @default both */
  readonly valid?: boolean | undefined;
  /** @default 'without' */
  readonly archived?: 'without' | 'with' | 'only' | undefined;
  readonly creatorId?: string | number | undefined;
  readonly beneficiaryId?: string | number | undefined;
  /** A part of the code or the description, in whatever case. */
  readonly search?: string | undefined;
}

export interface CodePage {
  readonly codes: readonly ReferralCode[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

const searchLengthMax = 200;

/** The codes of a workspace, newest first. */
export async function listCodes(
  context: Context,
  workspace: Workspace,
  input: ListCodesInput = {},
): Promise<Result<CodePage, InvalidQuery>> {
  const { valid, archived = 'without', search } = input;
  const errors: Record<string, string[]> = {};
  if (!['without', 'with', 'only'].includes(archived))
    errors['archived'] = ['must be one of without, with, only'];
  if (search !== undefined && (search === '' || search.length > searchLengthMax))
    errors['search'] = [`must have 1 to ${searchLengthMax} characters`];
  else if (search !== undefined && textProblem(search) !== undefined)
    errors['search'] = ['must not contain control or broken characters'];
  const keyOf = (id: string | number | undefined, field: string): Buffer | undefined => {
    const key = id === undefined ? undefined : userKey(workspace, id);
    if (id !== undefined && key === undefined) errors[field] = ['must be the id of a user'];
    return key;
  };
  const creatorKey = keyOf(input.creatorId, 'creatorId');
  const beneficiaryKey = keyOf(input.beneficiaryId, 'beneficiaryId');
  const page = readPage(input, 50, readIdCursor, errors);
  if (!page.ok) return page;
  const { limit, offset, before } = page.value;
  const found = await selectCodes(context.database.db, workspace.id, {
    valid,
    archived,
    search,
    creatorKey,
    beneficiaryKey,
    now: new Date(context.clock.now()),
    before,
    limit: limit + 1,
    offset,
  });
  const { rows, nextCursor } = cutPage(found, limit, (row) => row.id);
  return ok({ codes: rows.map(showCode), nextCursor });
}

/** How many codes a user has made, whatever has become of them; none for what is no id. */
export async function countCodesOf(
  context: Context,
  workspace: Workspace,
  userId: string | number,
): Promise<number> {
  const key = userKey(workspace, userId);
  return key === undefined ? 0 : countCodes(context.database.db, workspace.id, key);
}

function userKey(workspace: Workspace, id: string | number): Buffer | undefined {
  const read = readEntity([userType, id]);
  return 'entity' in read ? hashEntity(workspace, read.entity) : undefined;
}
