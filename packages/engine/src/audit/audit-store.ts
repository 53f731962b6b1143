import { sql } from 'kysely';

import type { Page } from '../kernel/page.ts';
import type { Db } from '../store/database.ts';
import type { AuditEntry, FieldChange } from './audit-entry.ts';

export interface StoredAuditEntry extends AuditEntry {
  readonly workspaceId: string;
}

/** One statement for any number of entries of one workspace. */
export async function insertAuditEntries(
  db: Db,
  workspaceId: string,
  entries: readonly StoredAuditEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  const given = sql<{
    id: string;
    at: Date;
    actor: string | null;
    action: string;
    subject_type: string;
    subject_id: string;
    changes: string;
  }>`unnest(
    ${entries.map(({ id }) => id)}::uuid[],
    ${entries.map(({ at }) => at.toISOString())}::timestamptz[],
    ${entries.map(({ actor }) => actor)}::text[],
    ${entries.map(({ action }) => action)}::text[],
    ${entries.map(({ subject }) => subject.type)}::text[],
    ${entries.map(({ subject }) => subject.id)}::text[],
    ${entries.map(({ changes }) => JSON.stringify(changes))}::text[]
  )`.as<'given'>(sql`given(id, at, actor, action, subject_type, subject_id, changes)`);
  const columns = ['id', 'at', 'actor', 'action', 'subject_type', 'subject_id'] as const;
  await db
    .insertInto('audit_entry')
    .columns(['workspace_id', ...columns, 'changes'])
    .expression((eb) =>
      eb
        .selectFrom(given)
        .select(sql<string>`${workspaceId}::uuid`.as('workspace_id'))
        .select([...columns])
        .select(sql<string>`given.changes::jsonb`.as('changes')),
    )
    .execute();
}

export interface AuditFilter extends Page<string> {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly subjectType?: string | undefined;
  readonly subjectId?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

/** Newest first. */
export async function selectAuditEntries(
  db: Db,
  workspaceId: string,
  filter: AuditFilter,
): Promise<AuditEntry[]> {
  let query = db.selectFrom('audit_entry').selectAll().where('workspace_id', '=', workspaceId);
  if (filter.actor !== undefined) query = query.where('actor', '=', filter.actor);
  if (filter.action !== undefined) query = query.where('action', '=', filter.action);
  if (filter.subjectType !== undefined)
    query = query.where('subject_type', '=', filter.subjectType);
  if (filter.subjectId !== undefined) query = query.where('subject_id', '=', filter.subjectId);
  if (filter.since !== undefined) query = query.where('at', '>=', filter.since);
  if (filter.until !== undefined) query = query.where('at', '<', filter.until);
  if (filter.before !== undefined) query = query.where('id', '<', filter.before);
  const rows = await query
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .offset(filter.offset)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    at: row.at,
    actor: row.actor,
    action: row.action,
    subject: { type: row.subject_type, id: row.subject_id },
    changes: row.changes as Record<string, FieldChange>,
  }));
}
