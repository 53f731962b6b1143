import type { Context } from '../context.ts';
import { cutPage, readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { AuditEntry } from './audit-entry.ts';
import { selectAuditEntries } from './audit-store.ts';
import type { AuditFilter } from './audit-store.ts';

/** 50 entries to a page where no `limit` is given. */
export interface ListAuditInput
  extends PageInput, Omit<AuditFilter, 'limit' | 'offset' | 'before'> {}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** Who changed what in a workspace, newest first. */
export async function listAudit(
  context: Context,
  workspace: Workspace,
  input: ListAuditInput = {},
): Promise<Result<AuditPage, InvalidQuery>> {
  const page = readPage(input, 50, readIdCursor);
  if (!page.ok) return page;
  const { limit } = page.value;
  const found = await selectAuditEntries(context.database.db, workspace.id, {
    ...input,
    ...page.value,
    limit: limit + 1,
  });
  const { rows, nextCursor } = cutPage(found, limit, ({ id }) => id);
  return ok({ entries: rows, nextCursor });
}

/** Every entry, a page at a time. */
export async function* exportAudit(
  context: Context,
  workspace: Workspace,
  input: Omit<ListAuditInput, keyof PageInput> = {},
): AsyncGenerator<readonly AuditEntry[]> {
  let before: string | undefined;
  do {
    const page = { limit: 500, offset: 0, before };
    const entries = await selectAuditEntries(context.database.db, workspace.id, {
      ...input,
      ...page,
    });
    yield entries;
    before = entries.length < page.limit ? undefined : entries.at(-1)?.id;
  } while (before !== undefined);
}
