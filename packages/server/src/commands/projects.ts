import { toProjectResponse } from 'headwater/contract';
import type { CountedProject, TrackedKind } from 'headwater';

import type { ServerConfig } from '../config.ts';
import type { Log } from '../log.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { refused, withMigratedEngine } from './invitations.ts';

export interface CreateProjectArguments {
  readonly slug: string;
  readonly name?: string;
  readonly type: Readonly<Record<string, string>>;
  readonly prefix?: string;
}

export async function listProjects(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: { readonly archived?: boolean },
): Promise<void> {
  const projects = await withMigratedEngine(config, log, async (hw) => {
    const found: CountedProject[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await hw.projects.list({
        limit: 200,
        cursor,
        archived: flags.archived === true ? 'with' : 'without',
      });
      if (!page.ok) throw refused(page);
      found.push(...page.value.projects);
      cursor = page.value.nextCursor;
      if (cursor === undefined) return found;
    }
  });
  if (terminal.json) terminal.print(JSON.stringify(projects.map(toProjectResponse)));
  else if (projects.length === 0) terminal.print('There are no projects.');
  else
    terminal.print(
      formatTable(
        ['slug', 'name', 'type', 'count'],
        projects.flatMap(({ slug, name, archivedAt, counts }) =>
          counts.map(({ eventType, count }, index) => [
            index === 0 ? slug : '',
            index === 0 ? `${name}${archivedAt === null ? '' : ' (archived)'}` : '',
            eventType,
            String(count),
          ]),
        ),
        [3],
      ),
    );
}

export async function createProject(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: CreateProjectArguments,
): Promise<void> {
  const created = await withMigratedEngine(config, log, (hw) =>
    hw.projects.create({
      slug: flags.slug,
      name: flags.name,
      // The use case refuses what is no kind, with their names.
      eventTypes: flags.type as Record<string, TrackedKind>,
      externalIdPrefix: flags.prefix,
    }),
  );
  if (!created.ok) throw refused(created);
  const project = { ...created.value, counts: [] };
  terminal.print(
    terminal.json ? JSON.stringify(toProjectResponse(project)) : `Made ${project.slug}.`,
  );
}

export async function archiveProject(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  slug: string,
): Promise<void> {
  const archived = await withMigratedEngine(config, log, (hw) => hw.projects.archive(slug));
  if (!archived.ok) throw refused(archived);
  terminal.print(terminal.json ? JSON.stringify({ slug }) : `Done: ${slug}.`);
}
