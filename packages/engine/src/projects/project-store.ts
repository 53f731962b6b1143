import type { Selectable } from 'kysely';

import type { Page } from '../kernel/page.ts';
import type { Db } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { Project, ProjectCount } from './project.ts';

/** `false` where a live project has the slug. */
export async function insertProject(db: Db, project: Project): Promise<boolean> {
  const row = await db
    .insertInto('project')
    .values({
      workspace_id: project.workspaceId,
      id: project.id,
      slug: project.slug,
      name: project.name,
      event_types: JSON.stringify(project.eventTypes),
      external_id_prefix: project.externalIdPrefix,
      archived_at: project.archivedAt,
      created_at: project.createdAt,
      updated_at: project.updatedAt,
    })
    .onConflict((conflict) =>
      conflict.columns(['workspace_id', 'slug']).where('archived_at', 'is', null).doNothing(),
    )
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** The live project of a slug. */
export async function findProjectBySlug(
  db: Db,
  workspaceId: string,
  slug: string,
): Promise<Project | undefined> {
  const row = await db
    .selectFrom('project')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('slug', '=', slug)
    .where('archived_at', 'is', null)
    .executeTakeFirst();
  return row && toProject(row);
}

/** Newest first: ids sort by when they were made. */
export async function selectProjects(
  db: Db,
  workspaceId: string,
  page: Page<string> & { readonly archived: 'without' | 'with' | 'only' },
): Promise<Project[]> {
  const { archived, before } = page;
  const rows = await db
    .selectFrom('project')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .$if(archived === 'without', (query) => query.where('archived_at', 'is', null))
    .$if(archived === 'only', (query) => query.where('archived_at', 'is not', null))
    .$if(before !== undefined, (query) => query.where('id', '<', before!))
    .orderBy('id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  return rows.map(toProject);
}

/** The project as it is afterwards; `undefined` where no live one has the slug. */
export async function archiveProjectRow(
  db: Db,
  workspaceId: string,
  slug: string,
  at: Date,
): Promise<Project | undefined> {
  const row = await db
    .updateTable('project')
    .set({ archived_at: at, updated_at: at })
    .where('workspace_id', '=', workspaceId)
    .where('slug', '=', slug)
    .where('archived_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return row && toProject(row);
}

/** By project, of those that have ever counted anything. */
export async function selectCounts(
  db: Db,
  workspaceId: string,
  projectIds: readonly string[],
): Promise<ReadonlyMap<string, readonly ProjectCount[]>> {
  if (projectIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('project_counter')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('project_id', 'in', projectIds)
    .orderBy('event_type')
    .execute();
  const counts = new Map<string, ProjectCount[]>();
  for (const row of rows)
    counts.set(row.project_id, [...(counts.get(row.project_id) ?? []), toCount(row)]);
  return counts;
}

function toCount(row: Selectable<Tables['project_counter']>): ProjectCount {
  const [added, removed] = [Number(row.added), Number(row.removed)];
  return {
    eventType: row.event_type,
    count: added - removed,
    added,
    removed,
    unmatched: Number(row.unmatched),
  };
}

function toProject(row: Selectable<Tables['project']>): Project {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    slug: row.slug,
    name: row.name,
    eventTypes: row.event_types as Project['eventTypes'],
    externalIdPrefix: row.external_id_prefix,
    archivedAt: row.archived_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
