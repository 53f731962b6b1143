import type { Context } from '../context.ts';
import { boundValues, isDailyHash } from '../ingest/daily-hash.ts';
import type { Identifier, IncomingEvent } from '../ingest/event.ts';
import { hashIdentifier } from '../visitors/hash-identifier.ts';
import { normaliseIdentifier } from '../visitors/normalise-identifier.ts';
import { deletePendingClick, findPendingClick, isAnyErased } from './pending-click-store.ts';
import { submitAnew } from './submit-anew.ts';
import { createVisitorToken } from './visitor-token.ts';

/** Who lands with a click, by their device, and who they are from now on where that was erased. */
export interface Lander {
  readonly device: Identifier | undefined;
  readonly successorOf: (erased: Identifier) => Promise<Identifier | undefined>;
}

/**
 * Records the click whose redirect was prefetched, now that its `hw_click` has landed. It is committed before the
 * landing is submitted, so that the landing finds it. The row goes last: a crash in between records the click again
 * under the same key, which counts once.
 */
export async function takePendingClick(
  context: Pick<Context, 'database' | 'ingest'>,
  workspaceId: string,
  clickId: string,
  lander: Lander,
): Promise<boolean> {
  const click = await findPendingClick(context.database.db, workspaceId, clickId);
  if (click === undefined) return false;
  await submitAnew(
    click,
    (event) => context.ingest.submit(event),
    (erased) => {
      if (erased.value === lander.device?.value) return lander.successorOf(erased);
      // The host of the link has a cookie of its own: the landing tells that they are one.
      const isCookie = erased.kind === 'visitor';
      return Promise.resolve(isCookie ? { ...erased, value: createVisitorToken() } : undefined);
    },
  );
  await deletePendingClick(context.database.db, workspaceId, clickId);
  return true;
}

/** Whether the visitor of a click was erased since it was put aside. */
export async function isOfErased(
  { database, workspaces }: Pick<Context, 'database' | 'workspaces'>,
  click: IncomingEvent,
): Promise<boolean> {
  const workspace = await workspaces.get(click.workspaceId);
  const identifiers = click.identifiers.flatMap((identifier) => {
    const value = workspace && normaliseIdentifier(identifier, workspace.settings);
    if (value === undefined) return [];
    const { kind } = identifier;
    // The hash of a day is erased up to a moment only.
    const notBefore = isDailyHash(kind) ? new Date(click.occurredAt) : undefined;
    return Array.from(boundValues(kind, value), (bound) => ({
      kind,
      valueHash: hashIdentifier(workspace!, kind, bound),
      notBefore,
    }));
  });
  return isAnyErased(database.db, click.workspaceId, identifiers);
}
