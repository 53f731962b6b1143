import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { CountedTag } from './folder.ts';
import { selectTags } from './folder-store.ts';
import { lockLinksWithTag } from './link-batch-store.ts';
import { announceLinkChange, publishLinkChanges } from './link-change.ts';
import { updateLinkRow } from './link-store.ts';
import { tagProblem } from './link.ts';
import type { Link } from './link.ts';

/** So many links change in one transaction. */
const linksAtOnce = 1_000;

/** Every tag that a link has, in the order of their names. */
export function listTags(context: Context, workspace: Workspace): Promise<readonly CountedTag[]> {
  return selectTags(context.database.db, workspace.id);
}

/**
 * Gives links another tag in the place of this one; a link that has both keeps one of them. Many links are changed in
 * steps, and whoever calls again after a failure goes on where it stopped.
 *
 * @returns how many links have changed; none where no link has the tag
 */
export async function renameTag(
  context: Context,
  workspace: Workspace,
  { from, to }: { readonly from: string; readonly to: string },
  options?: WriteOptions,
): Promise<Result<{ readonly links: number }, ValidationRefusal>> {
  const problem = tagProblem(to);
  if (problem !== undefined) return refuseField('name', problem);
  if (from === to) return ok({ links: 0 });
  return retag(context, workspace, from, options, (tags) => [
    ...new Set(tags.map((tag) => (tag === from ? to : tag))),
  ]);
}

/** Takes the tag off every link that has it. */
export async function deleteTag(
  context: Context,
  workspace: Workspace,
  tag: string,
  options?: WriteOptions,
): Promise<Result<{ readonly links: number }, ValidationRefusal>> {
  return retag(context, workspace, tag, options, (tags) => tags.filter((one) => one !== tag));
}

async function retag(
  context: Context,
  workspace: Workspace,
  tag: string,
  options: WriteOptions | undefined,
  change: (tags: readonly string[]) => readonly string[],
): Promise<Result<{ readonly links: number }, ValidationRefusal>> {
  let links = 0;
  for (;;) {
    const changed = await inTransaction(context.database, options, (tx) => step(tx));
    for (const link of changed) announceLinkChange(context, link);
    links += changed.length;
    if (changed.length < linksAtOnce) return ok({ links });
  }

  async function step(tx: Tx): Promise<readonly Link[]> {
    const found = await lockLinksWithTag(tx, workspace.id, tag, linksAtOnce);
    const updatedAt = new Date(context.clock.now());
    const changes = found.map((before) => ({
      before,
      link: { ...before, tags: change(before.tags), updatedAt },
    }));
    for (const { link } of changes) await updateLinkRow(tx, link);
    await publishLinkChanges(context, tx, changes, 'link.updated');
    return changes.map(({ link }) => link);
  }
}
