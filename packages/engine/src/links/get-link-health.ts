import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { getLink } from './get-link.ts';
import { findLinkHealth } from './link-health-store.ts';
import type { LinkHealth } from './link-health.ts';
import { linkNotFound } from './update-link.ts';

/** What the checks of a destination found; unknown where there was none yet. */
export async function getLinkHealth(
  context: Context,
  workspace: Workspace,
  linkId: string,
): Promise<
  Result<
    Omit<LinkHealth, 'dueAt'> & { readonly dueAt: Date | null },
    ReturnType<typeof linkNotFound>
  >
> {
  const link = await getLink(context, workspace, linkId);
  if (link === undefined) return linkNotFound();
  const health = await findLinkHealth(context.database.db, workspace.id, link.id);
  const none = {
    linkId: link.id,
    status: 'unknown' as const,
    failures: 0,
    httpStatus: null,
    problem: null,
    checkedAt: null,
    downSince: null,
    dueAt: null,
  };
  return ok(link.healthCheck && link.archivedAt === null ? (health ?? none) : none);
}
