import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { open } from '../security/keyring.ts';
import type { Db } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findEmails, findInvitation } from './invitation-store.ts';
import type { InvitationRow, StoredEmail } from './invitation-store.ts';
import type { Invitation } from './invitation.ts';

/** How a call names an invitation: by its id, or by what another call answered. */
export type InvitationReference =
  | string
  | {
      readonly id: string;
      readonly token?: string | undefined;
      readonly signature?: string | undefined;
    };

/** The invitation with this id, archived or not. */
export async function getInvitation(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<Invitation | undefined> {
  if (!isUuid(id)) return undefined;
  const row = await findInvitation(context.database.db, workspace.id, id);
  return row && presentInvitation(context.database.db, workspace, row);
}

export function idOf(reference: InvitationReference): string | undefined {
  const id = typeof reference === 'string' ? reference : reference.id;
  return isUuid(id) ? id.toLowerCase() : undefined;
}

/** The same with its addresses; the token stays with who had it. */
export async function presentInvitation(
  db: Db,
  workspace: Workspace,
  row: InvitationRow,
  reference?: InvitationReference,
): Promise<Invitation> {
  const [invitation] = await presentInvitations(db, workspace, [row]);
  const { token, signature } = typeof reference === 'object' ? reference : {};
  return { ...invitation!, ...(token !== undefined && { token, signature }) };
}

export async function presentInvitations(
  db: Db,
  workspace: Workspace,
  rows: readonly InvitationRow[],
): Promise<Invitation[]> {
  const found = await findEmails(
    db,
    workspace.id,
    rows.map((row) => row.id),
  );
  return rows.map(({ tokenHash: _hash, signingKey: _key, ownerKey: _owner, ...shown }) => ({
    ...shown,
    emails: found
      .filter(({ invitationId }) => invitationId === shown.id)
      .flatMap((email) => readEmail(workspace, email))
      .sort(),
  }));
}

function readEmail(workspace: Workspace, { value }: StoredEmail): string[] {
  return value === null ? [] : [open(workspace.dataKey, value).toString('utf8')];
}
