import type { Context } from '../context.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { createLinkRecountStore } from './link-recount-store.ts';

const linksAtOnce = 200;
const none = '00000000-0000-0000-0000-000000000000';

/** Counts clicks, leads, sales and revenue of links again; how many numbers were wrong. */
export async function recountLinks(
  context: Context,
  workspace: Workspace,
  onLinks: (done: number) => void,
): Promise<number> {
  const { database } = context;
  const store = createLinkRecountStore(database.schema);
  let wrong = 0;
  let done = 0;
  for (let after = none; ;) {
    const ids = await store.findLinks(database, workspace.id, after, linksAtOnce);
    const last = ids.at(-1);
    if (last === undefined) return wrong;
    wrong += await database.transact((tx) => store.recount(tx, workspace.id, ids));
    done += ids.length;
    onLinks(done);
    after = last;
  }
}
