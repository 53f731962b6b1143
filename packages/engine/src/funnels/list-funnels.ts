import type { Context } from '../context.ts';
import { cutPage, readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { selectFunnels } from './funnel-store.ts';
import type { Funnel } from './funnel.ts';

export const archivedChoices = ['without', 'with', 'only'] as const;

/** 50 funnels to a page where no `limit` is given. */
export interface ListFunnelsInput extends PageInput {
  /** @default 'without' */
  readonly archived?: (typeof archivedChoices)[number] | undefined;
}

export interface FunnelPage {
  readonly funnels: readonly Funnel[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** The funnels of a workspace, newest first. */
export async function listFunnels(
  context: Context,
  workspace: Workspace,
  input: ListFunnelsInput = {},
): Promise<Result<FunnelPage, InvalidQuery>> {
  const { archived = 'without' } = input;
  const page = readPage(
    input,
    50,
    readIdCursor,
    archivedChoices.includes(archived)
      ? {}
      : { archived: [`must be one of ${archivedChoices.join(', ')}`] },
  );
  if (!page.ok) return page;
  const { limit } = page.value;
  const found = await selectFunnels(context.database.db, workspace.id, {
    ...page.value,
    limit: limit + 1,
    archived,
  });
  const { rows, nextCursor } = cutPage(found, limit, (funnel) => funnel.id);
  return ok({ funnels: rows, nextCursor });
}
