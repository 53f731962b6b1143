import type { Context } from '../context.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { selectLinkPage } from './link-batch-store.ts';
import type { Link } from './link.ts';

const pageLimit = 500;

/** All links of a workspace, a page at a time, in the order of their ids, or of their domains and ids. */
export async function* readLinkPages(
  context: Context,
  workspace: Workspace,
  {
    archived = false,
    byDomain = false,
  }: { readonly archived?: boolean | undefined; readonly byDomain?: boolean | undefined },
): AsyncGenerator<readonly Link[]> {
  let after: { readonly domain: string; readonly id: string } | undefined;
  for (;;) {
    const page = await selectLinkPage(context.database.db, workspace.id, {
      after,
      limit: pageLimit,
      archived,
      byDomain,
    });
    if (page.length > 0) yield page;
    after = page.at(-1);
    if (page.length < pageLimit) return;
  }
}
