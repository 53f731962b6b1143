import type { Context } from '../context.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { toLinkResponse } from './link-schema.ts';
import { linkStatsById } from './link-stats.ts';
import type { Link } from './link.ts';

/** A link as the API shows it. */
export async function presentLink(context: Context, workspace: Workspace, link: Link) {
  const [shown] = await presentLinks(context, workspace, [link]);
  return shown!;
}

/** The same for many, whose counters are read at once. */
export async function presentLinks(context: Context, workspace: Workspace, links: readonly Link[]) {
  const statsById = await linkStatsById(
    context,
    workspace,
    links.map((link) => link.id),
  );
  const scheme = context.options.links?.scheme ?? 'https';
  return Promise.all(
    links.map(async (link) => {
      const server = await context.workspaces.forHost(link.domain);
      const domainVerified = server?.id === workspace.id;
      return toLinkResponse(link, { scheme, domainVerified, stats: statsById.get(link.id) });
    }),
  );
}
