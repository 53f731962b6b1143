import type { Context } from '../context.ts';
import { linkStatsById } from '../links/link-stats.ts';
import type { LinkStats } from '../links/link-stats.ts';
import { readLinkPages } from '../links/read-link-pages.ts';
import { toStoredRedirectLink } from '../links/redirect-link.ts';
import type { StoredRedirectLink } from '../links/redirect-link.ts';
import type { Link } from '../links/link.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { writeSnapshot } from './signed-snapshot.ts';
import { dialects, toStaticRedirect } from './static-redirects.ts';
import type { StaticFormat } from './static-redirects.ts';

export interface ExportedLink {
  readonly link: Link;
  readonly stats: LinkStats | undefined;
}

/** Links with their counters, a page at a time, in the order in which they were made. */
export async function* exportLinks(
  context: Context,
  workspace: Workspace,
  { archived = false }: { readonly archived?: boolean | undefined } = {},
): AsyncGenerator<readonly ExportedLink[]> {
  for await (const page of readLinkPages(context, workspace, { archived })) {
    const ids = page.map((link) => link.id);
    const stats = await linkStatsById(context, workspace, ids);
    yield page.map((link) => ({ link, stats: stats.get(link.id) }));
  }
}

/**
 * The redirects of a workspace as a file of another server. What such a file cannot say truly is left out, and counted
 * at its end: links that ask for a password, that have limits or a time before which they lead nowhere, that have
 * expired. Rules, variants and patterns need the snapshot; links that differ by country or system lead everybody to their
 * `url`.
 */
export async function* exportStaticRedirects(
  context: Context,
  workspace: Workspace,
  { format }: { readonly format: StaticFormat },
): AsyncGenerator<string> {
  const dialect = dialects[format];
  const now = context.clock.now();
  yield dialect.comment(`Made by Headwater at ${new Date(now).toISOString()}`) + dialect.head;
  let domain: string | undefined;
  let left = 0;
  for await (const page of readLinkPages(context, workspace, { byDomain: true })) {
    let lines = '';
    for (const link of page) {
      // Nor can a file choose between several destinations.
      const redirect =
        isForEverybody(link, now) && link.routing === null
          ? toStaticRedirect(link, format)
          : undefined;
      if (redirect === undefined) {
        left += 1;
        continue;
      }
      if (redirect.domain !== domain) {
        if (domain !== undefined) lines += dialect.close();
        domain = redirect.domain;
        lines += dialect.open(domain);
      }
      lines += dialect.line(redirect);
    }
    yield lines;
  }
  yield (domain === undefined ? '' : dialect.close()) + dialect.tail;
  yield dialect.comment(`${left} links are left out: a file cannot say what they do`);
}

/** The same links as {@link exportStaticRedirects}, signed, to be served by Headwater without a database. */
export function exportSnapshot(context: Context, workspace: Workspace): AsyncGenerator<string> {
  const madeAt = new Date(context.clock.now());
  return writeSnapshot(context.keyring, { workspaceId: workspace.id, madeAt }, stored());

  async function* stored(): AsyncGenerator<readonly StoredRedirectLink[]> {
    for await (const page of readLinkPages(context, workspace, {}))
      yield page
        .filter((link) => isForEverybody(link, madeAt.getTime()))
        // Where it leads when all is well, not where it leads while its destination is down.
        .map((link) => toStoredRedirectLink({ ...link, isDown: false }));
  }
}

function isForEverybody(link: Link, now: number): boolean {
  const isOver = link.expiresAt !== null && link.expiresAt.getTime() <= now;
  const { limits, start } = link.routing ?? {};
  return !isOver && !link.isProtected && limits === undefined && start === undefined;
}
