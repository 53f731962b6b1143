import { randomBytes } from 'node:crypto';

import { pageUrl } from './ground.ts';
import type { Ground } from './ground.ts';
import { hasOwner, putMember } from './member-store.ts';
import { insertOwnerLink, isOwnerLinkGood, useOwnerLink } from './owner-link-store.ts';
import { deleteSessions } from './session-store.ts';
import { refuseSignIn } from './sign-in-answer.ts';
import type { SignInRefusal } from './sign-in-answer.ts';
import { findUserByEmail, insertUser, putPassword, renameUser } from './user-store.ts';

const purpose = 'owner-link';
const goodForMilliseconds = 24 * 60 * 60 * 1000;

/** An address that makes whoever opens it first an owner, for a day: for who can read the server's terminal. */
export async function createOwnerLink(ground: Ground): Promise<string> {
  const token = randomBytes(24).toString('base64url');
  const { clock, keyring } = ground.neighbour;
  const now = clock.now();
  await insertOwnerLink(ground.db, {
    tokenHash: keyring.hash(purpose, token),
    at: new Date(now),
    expiresAt: new Date(now + goodForMilliseconds),
  });
  return pageUrl(ground, 'setup', token);
}

/** The same where nobody owns anything yet. */
export async function createFirstOwnerLink(ground: Ground): Promise<string | undefined> {
  return (await hasOwner(ground.db)) ? undefined : createOwnerLink(ground);
}

export function checkOwnerLink(ground: Ground, token: string): Promise<boolean> {
  const { clock, keyring } = ground.neighbour;
  return isOwnerLinkGood(ground.db, keyring.hashes(purpose, token), new Date(clock.now()));
}

/**
 * Makes the account of an owner of the first workspace. An account with that address is given the new password and
 * ownership: its owner is who was locked out.
 */
export async function claimOwnership(
  ground: Ground,
  input: {
    readonly token: string;
    readonly name: string;
    readonly email: string;
    readonly password: string;
  },
): Promise<{ readonly ok: true } | SignInRefusal> {
  const { neighbour, db, hw } = ground;
  if (!(await checkOwnerLink(ground, input.token))) return linkUnusable();
  // Slow on purpose, so not while the link is locked.
  const hash = await (await ground.library()).hashPassword(input.password);
  const workspace = await hw.workspaces.first();
  const at = new Date(neighbour.clock.now());
  return db.transaction().execute(async (tx) => {
    if (!(await useOwnerLink(tx, neighbour.keyring.hashes(purpose, input.token), at)))
      return linkUnusable();
    const known = await findUserByEmail(tx, input.email);
    const id = known?.id ?? neighbour.createId();
    if (known === undefined)
      await insertUser(tx, { id, name: input.name, email: input.email, emailVerified: false, at });
    else {
      await renameUser(tx, { id, name: input.name, at });
      await deleteSessions(tx, id);
    }
    await putPassword(tx, { id: neighbour.createId(), userId: id, hash, at });
    await putMember(tx, { workspaceId: workspace.id, userId: id, role: 'owner', at });
    return { ok: true as const };
  });
}

function linkUnusable(): SignInRefusal {
  return refuseSignIn(
    'link_unusable',
    'This link has been used, or is older than a day. `headwater owner-link` prints a new one.',
  );
}
