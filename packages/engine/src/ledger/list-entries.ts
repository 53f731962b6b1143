import type { Context } from '../context.ts';
import type { EntityInput } from '../invitations/entity.ts';
import { isUuid } from '../kernel/id.ts';
import { cutPage, readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Db } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { readAccount } from './entry-input.ts';
import { entryKinds, unitProblem } from './ledger-entry.ts';
import type { EntryKind, LedgerEntry } from './ledger-entry.ts';
import {
  findEntry,
  selectEntries,
  selectEntriesAfter,
  selectEntriesFor,
  showEntry,
} from './ledger-store.ts';
import type { EntryFilter } from './ledger-store.ts';

export interface EntryQuery {
  readonly account?: EntityInput | undefined;
  readonly unit?: string | undefined;
  readonly kind?: EntryKind | undefined;
  /** Those of one reward. */
  readonly referenceId?: string | undefined;
}

/** 50 to a page where no `limit` is given. */
export type ListEntriesInput = EntryQuery & PageInput;

export interface EntryPage {
  readonly entries: readonly LedgerEntry[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** Entries of the ledger, newest first. */
export async function listEntries(
  context: Context,
  workspace: Workspace,
  input: ListEntriesInput = {},
): Promise<Result<EntryPage, InvalidQuery>> {
  const errors: Record<string, string[]> = {};
  const filter = readFilter(workspace, input, errors);
  const page = readPage(input, 50, readIdCursor, errors);
  if (!page.ok) return page;
  const { limit, offset, before } = page.value;
  const found = await selectEntries(context.database.db, workspace.id, filter, {
    before,
    limit: limit + 1,
    offset,
  });
  const { rows, nextCursor } = cutPage(found, limit, ({ id }) => id);
  return ok({ entries: rows.map(showEntry), nextCursor });
}

/** The entries that are for one thing, oldest first; for other domains. */
export async function listEntriesFor(
  db: Db,
  workspace: Workspace,
  referenceId: string,
): Promise<readonly LedgerEntry[]> {
  return (await selectEntriesFor(db, workspace.id, referenceId)).map(showEntry);
}

export async function getEntry(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<LedgerEntry | undefined> {
  const row = isUuid(id) ? await findEntry(context.database.db, workspace.id, id) : undefined;
  return row && showEntry(row);
}

const pageSize = 1_000;

/** The same, all of them and oldest first, read page by page while they are taken. */
export function exportEntries(
  context: Context,
  workspace: Workspace,
  input: EntryQuery = {},
): Result<AsyncGenerator<readonly LedgerEntry[]>, InvalidQuery> {
  const errors: Record<string, string[]> = {};
  const filter = readFilter(workspace, input, errors);
  const [problem] = Object.entries(errors);
  if (problem !== undefined)
    return refuse('invalid_query', `${problem[0]} ${problem[1][0]}.`, errors);
  return ok(readPages(context, workspace, filter));
}

async function* readPages(
  { database }: Context,
  workspace: Workspace,
  filter: EntryFilter,
): AsyncGenerator<readonly LedgerEntry[]> {
  for (let after: string | undefined; ;) {
    const rows = await selectEntriesAfter(database.db, workspace.id, filter, after, pageSize);
    yield rows.map(showEntry);
    if (rows.length < pageSize) return;
    after = rows.at(-1)?.id;
  }
}

function readFilter(
  workspace: Workspace,
  { account, unit, kind, referenceId }: EntryQuery,
  errors: Record<string, string[]>,
): EntryFilter {
  const read = account === undefined ? undefined : readAccount(workspace, account);
  if (read !== undefined && 'problem' in read) errors['account'] = [read.problem];
  const problem = unit === undefined ? undefined : unitProblem(unit);
  if (problem !== undefined) errors['unit'] = [problem];
  if (kind !== undefined && !entryKinds.includes(kind))
    errors['kind'] = [`must be one of ${entryKinds.join(', ')}`];
  if (referenceId !== undefined && !isUuid(referenceId)) errors['referenceId'] = ['must be a UUID'];
  const found = read !== undefined && 'account' in read ? read.account : undefined;
  return {
    account: found && { type: found.entity.type, key: found.key },
    unit,
    kind,
    referenceId,
  };
}
