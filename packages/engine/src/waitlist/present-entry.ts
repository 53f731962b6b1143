import type { Context } from '../context.ts';
import { open } from '../security/keyring.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { WaitlistEntry, WaitlistPlace } from './waitlist-entry.ts';
import { countBefore, countWaiting } from './waitlist-store.ts';
import type { WaitlistRow } from './waitlist-store.ts';

/** Without what only the table needs, the address in clear. */
export function presentEntry(workspace: Workspace, row: WaitlistRow): WaitlistEntry {
  return {
    id: row.id,
    email: row.email === null ? undefined : open(workspace.dataKey, row.email).toString('utf8'),
    name: row.name,
    metadata: row.metadata,
    code: row.code,
    status: row.status,
    referrals: row.referrals,
    referredById: row.referredBy,
    invitationId: row.invitationId,
    joinedAt: row.joinedAt,
  };
}

export async function placeOf(
  { database }: Pick<Context, 'database'>,
  row: WaitlistRow,
): Promise<WaitlistPlace> {
  const { workspaceId } = row;
  const waiting = await countWaiting(database.db, workspaceId);
  const position =
    row.status === 'waiting' ? (await countBefore(database.db, workspaceId, row)) + 1 : undefined;
  return { position, waiting };
}
