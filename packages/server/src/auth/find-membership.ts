import { findDemo } from '../demo/demo-store.ts';
import { selectMemberships } from './member-store.ts';
import type { Membership } from './member-store.ts';
import type { SignInDb } from './sign-in-tables.ts';

/** Names the workspace that a request means. */
export const workspaceHeader = 'x-headwater-workspace';

/**
 * The membership in the workspace that the request names, or the oldest; `undefined` where there is none. In the demo
 * workspace everybody is what they are in their own.
 */
export async function findMembership(
  db: SignInDb,
  userId: string,
  headers: Headers,
): Promise<Membership | undefined> {
  const named = headers.get(workspaceHeader);
  const memberships = await selectMemberships(db, userId);
  const [oldest] = memberships;
  if (named === null || oldest === undefined) return oldest;
  const own = memberships.find(({ workspaceId }) => workspaceId === named);
  if (own !== undefined) return own;
  const demo = await findDemo(db);
  return demo?.state === 'ready' && demo.workspaceId === named
    ? { workspaceId: named, role: oldest.role, isDemo: true }
    : undefined;
}
