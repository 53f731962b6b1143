import { selectMemberships } from './member-store.ts';
import type { Membership } from './member-store.ts';
import type { SignInDb } from './sign-in-tables.ts';

/** Names the workspace that a request with a session means. */
const workspaceHeader = 'x-headwater-workspace';

/** The membership in the workspace that the request names, or the oldest; `undefined` where there is none. */
export async function findMembership(
  db: SignInDb,
  userId: string,
  headers: Headers,
): Promise<Membership | undefined> {
  const named = headers.get(workspaceHeader);
  const memberships = await selectMemberships(db, userId);
  return named === null
    ? memberships[0]
    : memberships.find(({ workspaceId }) => workspaceId === named);
}
