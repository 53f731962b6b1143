import type { Context } from '../context.ts';
import { cutPage, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { presentEntry } from './present-entry.ts';
import { waitlistStatuses } from './waitlist-entry.ts';
import type { WaitlistEntry, WaitlistStatus } from './waitlist-entry.ts';
import { selectEntries } from './waitlist-store.ts';
import type { RankCursor, WaitlistRow } from './waitlist-store.ts';

/** 50 entries to a page where no `limit` is given. */
export interface ListWaitlistInput extends PageInput {
  /** @default all of them */
  readonly status?: WaitlistStatus | undefined;
}

export interface WaitlistPage {
  readonly entries: readonly WaitlistEntry[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** The entries in the order in which they are invited. */
export async function listWaitlist(
  context: Context,
  workspace: Workspace,
  input: ListWaitlistInput = {},
): Promise<Result<WaitlistPage, InvalidQuery>> {
  const { status } = input;
  const errors: Record<string, string[]> = {};
  if (status !== undefined && !waitlistStatuses.includes(status))
    errors['status'] = [`must be one of ${waitlistStatuses.join(', ')}`];
  const page = readPage(input, 50, readRankCursor, errors);
  if (!page.ok) return page;
  const { limit, offset, before: after } = page.value;
  const found = await selectEntries(context.database.db, workspace.id, {
    status,
    after,
    limit: limit + 1,
    offset,
  });
  const { rows, nextCursor } = cutPage(found, limit, rankCursorOf);
  return ok({ entries: rows.map((row) => presentEntry(workspace, row)), nextCursor });
}

const exportPageSize = 500;

/** Every entry in the same order, read page by page while they are taken. */
export async function* exportWaitlist(
  context: Context,
  workspace: Workspace,
  { status }: Pick<ListWaitlistInput, 'status'> = {},
): AsyncGenerator<readonly WaitlistEntry[]> {
  for (let after: RankCursor | undefined; ;) {
    const rows = await selectEntries(context.database.db, workspace.id, {
      status,
      after,
      limit: exportPageSize,
      offset: 0,
    });
    yield rows.map((row) => presentEntry(workspace, row));
    after = rows.at(-1);
    if (rows.length < exportPageSize) return;
  }
}

function readRankCursor(cursor: string): RankCursor | undefined {
  const [, rank, ordinal] = /^(-?\d{1,10})_(\d{1,10})$/.exec(cursor) ?? [];
  const read = { rank: Number(rank), ordinal: Number(ordinal) };
  return isInt4(read.rank) && isInt4(read.ordinal) ? read : undefined;
}

function isInt4(value: number): boolean {
  return value >= -2_147_483_648 && value <= 2_147_483_647;
}

function rankCursorOf({ rank, ordinal }: WaitlistRow): string {
  return `${rank}_${ordinal}`;
}
