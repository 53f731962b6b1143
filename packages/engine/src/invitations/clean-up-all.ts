import type { Context } from '../context.ts';
import { orThrow } from '../kernel/result.ts';
import { listWorkspaces } from '../workspaces/list-workspaces.ts';
import { cleanUpInvitations } from './clean-up-invitations.ts';
import { defaultCleanUpAfter } from './invitation-options.ts';

const pageSize = 200;

/** Archives in every workspace what has been expired for as long as it says, and answers how many that were. */
export async function cleanUpAll(context: Context): Promise<{ readonly archived: number }> {
  let archived = 0;
  for (let offset = 0; ; offset += pageSize) {
    const workspaces = orThrow(await listWorkspaces(context, { limit: pageSize, offset }));
    for (const workspace of workspaces) {
      const own = workspace.settings.invitations?.cleanUpAfter;
      const usual = context.options.invitations?.cleanUpAfter;
      const expiredFor =
        own === undefined ? (usual === undefined ? defaultCleanUpAfter : usual) : own;
      if (expiredFor === null) continue;
      archived += orThrow(await cleanUpInvitations(context, workspace, { expiredFor })).archived;
    }
    if (workspaces.length < pageSize) return { archived };
  }
}
