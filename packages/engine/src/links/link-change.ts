import type { Context } from '../context.ts';
import { insertChange } from '../store/change-log.ts';
import type { Tx } from '../store/database.ts';
import type { Link } from './link.ts';

/** Tells the other processes, with the commit of what was written, that they remember an old link. */
export async function publishLinkChange(context: Context, tx: Tx, link: Link): Promise<void> {
  await insertChange(tx, {
    workspaceId: link.workspaceId,
    id: context.createId(context.clock.now()),
    topic: 'link',
    subject: subjectOf(link),
    at: new Date(context.clock.now()),
  });
}

/** Tells this process at once, after the write. */
export function announceLinkChange(context: Context, link: Link): void {
  context.changeLog.announce({
    workspaceId: link.workspaceId,
    topic: 'link',
    subject: subjectOf(link),
  });
}

function subjectOf(link: Link): Record<string, unknown> {
  return { domain: link.domain, key: link.key, id: link.id };
}
