import type { Context } from '../context.ts';
import { identifierKind } from '../visitors/identifier-kind.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { createLateLandingStore } from './late-landing-store.ts';

const landingsAtOnce = 500;

/**
 * Brings landings together with clicks that were recorded after them (a click may wait on the disk while its landing is
 * committed): the landing is the click's, and evidence that both sides are one person. The identities and visits are
 * made again after this. Returns how many there were.
 */
export async function landLateClicks(context: Context, workspace: Workspace): Promise<number> {
  const { database } = context;
  const store = createLateLandingStore(database.schema);
  let landed = 0;
  for (;;) {
    const landings = await store.find(database, workspace.id, landingsAtOnce);
    if (landings.length === 0) return landed;
    await database.transact(async (tx) => {
      const ids = landings.flatMap((row) => [row.visitor_id, row.clicker_id]);
      const there = new Set(await store.lock(tx, workspace.id, [...new Set(ids)]));
      const kinds = await store.findKinds(tx, workspace.id, [...there]);
      const weak = new Set(
        kinds.flatMap(({ visitor_id: id, kind }) =>
          identifierKind(kind, workspace.settings).strength === 'weak' ? [id] : [],
        ),
      );
      // Weak identifiers join nobody, so neither does a landing that nothing else names.
      const joining = landings.filter(
        (row) =>
          there.has(row.visitor_id) && there.has(row.clicker_id) && !weak.has(row.visitor_id),
      );
      if (joining.length > 0) await store.testify(tx, workspace.id, joining);
      await store.land(tx, workspace.id, landings);
    });
    landed += landings.length;
  }
}
