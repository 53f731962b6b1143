import type { Context } from '../context.ts';
import { errorCode, uniqueViolation } from '../store/connection.ts';
import type { Tx } from '../store/database.ts';
import { externalIdTaken, generateFreeKey, keyTaken } from './create-link.ts';
import { findLinksByExternalIds, insertLinks } from './link-batch-store.ts';
import { updateLinkRow, withSavepoint } from './link-store.ts';
import type { Link } from './link.ts';
import type { LinkBatch, SavedLink } from './save-links.ts';

const attemptsMax = 10;

/** What another transaction took since it was looked for is refused; a generated key is made again. */
export async function writeNew(context: Context, tx: Tx, batch: LinkBatch): Promise<void> {
  const { creations, results, generated } = batch;
  const linkAt = (index: number): Link => creations.get(index)!;
  const giveUp = (index: number, refusal: Extract<SavedLink, { outcome: 'refused' }>): void => {
    creations.delete(index);
    results[index] = refusal;
  };
  // Sorted: two batches that want the same keys wait for one another in one direction only.
  let waiting = [...creations.keys()].sort((a, b) => keyOrder(linkAt(a), linkAt(b)));
  for (let attempt = 0; attempt < attemptsMax && waiting.length > 0; attempt += 1) {
    const written = await insertLinks(tx, waiting.map(linkAt));
    const left = waiting.filter((index) => !written.has(linkAt(index).id));
    waiting = [];
    for (const index of left) {
      const link = linkAt(index);
      const ids = link.externalId === null ? [] : [link.externalId];
      const [rival] = await findLinksByExternalIds(tx, link.workspaceId, ids);
      if (rival !== undefined) giveUp(index, { outcome: 'refused', refusal: externalIdTaken() });
      else if (!generated.has(index)) giveUp(index, { outcome: 'refused', refusal: keyTaken() });
      else {
        const again = { ...link, key: generateFreeKey(context) };
        creations.set(index, again);
        results[index] = { outcome: 'created', link: again };
        waiting.push(index);
      }
    }
  }
  for (const index of waiting) giveUp(index, { outcome: 'refused', refusal: keyTaken() });
}

/** Links that change. One whose new external id was taken since it was looked for is refused. */
export async function writeChanged(tx: Tx, { updates, results }: LinkBatch): Promise<void> {
  for (const [index, { link, before }] of updates) {
    if (link.externalId === before.externalId) {
      await updateLinkRow(tx, link);
      continue;
    }
    try {
      await withSavepoint(tx, () => updateLinkRow(tx, link));
    } catch (error) {
      if (errorCode(error) !== uniqueViolation) throw error;
      updates.delete(index);
      results[index] = { outcome: 'refused', refusal: externalIdTaken() };
    }
  }
}

function keyOrder(one: Link, other: Link): number {
  const [a, b] = [`${one.domain} ${one.key}`, `${other.domain} ${other.key}`];
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
