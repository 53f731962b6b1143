import type { Context } from '../context.ts';
import type { Tx } from '../store/database.ts';
import { insertChange } from '../store/change-log.ts';
import { selectLiveLinksOfPartner } from './link-store.ts';

/**
 * Tells every process, with the commit, that it remembers links of a partner whose status is another now: what a link
 * leads to depends on it. What is answered tells this process at once; it is for after the commit.
 */
export async function tellLinksOfPartner(
  context: Context,
  tx: Tx,
  { workspaceId, id: partnerId }: { readonly workspaceId: string; readonly id: string },
): Promise<() => void> {
  const now = context.clock.now();
  const subjects = await selectLiveLinksOfPartner(tx, workspaceId, partnerId);
  for (const link of subjects) {
    const change = { workspaceId, topic: 'link', subject: { ...link } } as const;
    await insertChange(tx, { ...change, id: context.createId(now), at: new Date(now) });
  }
  return () => {
    for (const link of subjects)
      context.changeLog.announce({ workspaceId, topic: 'link', subject: { ...link } });
  };
}
