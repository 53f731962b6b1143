import type { Context } from '../context.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { hashEmail } from './hash-entity.ts';
import { hasOpenInvitation } from './invitation-store.ts';

/** Whether an invitation that lets somebody in now is for this address. */
export async function isInvited(
  context: Pick<Context, 'database' | 'clock'>,
  workspace: Workspace,
  {
    email,
    emailVerified,
  }: { readonly email?: string | undefined; readonly emailVerified?: boolean | undefined },
): Promise<boolean> {
  const emailHash = email === undefined ? undefined : hashEmail(workspace, email);
  if (emailHash === undefined) return false;
  return hasOpenInvitation(context.database.db, workspace.id, {
    emailHash,
    emailVerified: emailVerified === true,
    now: new Date(context.clock.now()),
  });
}
