import type { Context } from '../context.ts';
import { entityTypePattern, readEntity } from '../invitations/entity.ts';
import { importInvitations, importUsages } from '../invitations/import-invitations.ts';
import type { InvitationDraft, UsageDraft } from '../invitations/import-invitations.ts';
import { attributesProblem, textProblem } from '../invitations/invitation.ts';
import { tokenProblem } from '../invitations/invitation-token.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { importTable } from './import-table.ts';
import type { TableImport, TableImportOptions, Written } from './import-table.ts';
import type { InputRefusal } from './read-input.ts';
import { importedIds } from './remember-row.ts';
import type { TableReport } from './table-report.ts';
import type { RowReader } from './table-row.ts';
import { withHostDatabase } from './table-source.ts';
import type { HostDatabase, TableDump, TableInDatabase } from './table-source.ts';

/** Usher's two tables: where they live, or dumps of them. Either may be left out. */
export type UsherTables =
  | {
      /** A `pg` pool, a PGlite, or the URL of a PostgreSQL. */
      readonly database: HostDatabase | string;
      readonly schema?: string | undefined;
    }
  | { readonly invitations?: TableDump | undefined; readonly usages?: TableDump | undefined };

export interface UsherReport {
  readonly dryRun: boolean;
  readonly invitations?: TableReport;
  readonly usages?: TableReport;
}

const ofInvitations = 'usher_invitation';
const ofUsages = 'usher_invitation_usage';

/**
 * Imports Usher's invitations and their usages. Links that were sent go on working: tokens are the same, and so are
 * signatures under the same secret. Each row counts once however often it is read; what happened there stays as history,
 * and makes no events here.
 */
export async function importUsher(
  context: Context,
  workspace: Workspace,
  tables: UsherTables,
  options: TableImportOptions = {},
): Promise<Result<UsherReport, InputRefusal>> {
  if (!('database' in tables)) return importBoth(context, workspace, tables, options);
  const { schema } = tables;
  return withHostDatabase(tables.database, (database) =>
    importBoth(context, workspace, tablesIn({ database, schema }), options),
  );
}

async function importBoth(
  context: Context,
  workspace: Workspace,
  { invitations, usages }: Sources,
  options: TableImportOptions,
): Promise<Result<UsherReport, InputRefusal>> {
  const now = new Date(context.clock.now());
  const seen = new Set<string>();
  const report: { dryRun: boolean; invitations?: TableReport; usages?: TableReport } = {
    dryRun: options.dryRun === true,
  };
  if (invitations !== undefined) {
    const table: TableImport<InvitationDraft> = {
      name: 'invitations',
      source: invitations,
      read: (row) => readInvitation(row, now),
      judge({ sourceId }) {
        seen.add(sourceId);
        return [];
      },
      async write(tx, drafts) {
        const answers = await importInvitations(context, tx, workspace, drafts);
        return answers.map((answer) => explain(answer, 'token', 'is that of another invitation'));
      },
    };
    const imported = await importTable(context, table, options);
    if (!imported.ok) return imported;
    report.invitations = imported.value;
  }
  if (usages !== undefined && options.signal?.aborted !== true) {
    const table: TableImport<ReadUsage> = {
      name: 'usages',
      source: usages,
      read: readUsage,
      judge: ({ parentId }) =>
        invitations === undefined || seen.has(parentId) ? [] : [unknownInvitation],
      async write(tx, drafts) {
        const parents = drafts.map(({ parentId }) => parentId);
        const ids = await importedIds(tx, workspace.id, ofInvitations, parents);
        const known = drafts.flatMap(({ parentId, ...draft }) => {
          const invitationId = ids.get(parentId);
          return invitationId === undefined ? [] : [{ ...draft, invitationId }];
        });
        const written = await importUsages(context, tx, workspace, known);
        return drafts.map(({ parentId }): Written => {
          if (!ids.has(parentId)) return [unknownInvitation];
          return written.shift() === true ? 'imported' : 'already_there';
        });
      },
    };
    const imported = await importTable(context, table, options);
    if (!imported.ok) return imported;
    report.usages = imported.value;
  }
  return ok(report);
}

const unknownInvitation = {
  field: 'invitation_id',
  message: 'is no invitation that was imported',
} as const;

/** What became of a row that has a text of its own. */
export function explain(answer: boolean | undefined, field: string, message: string): Written {
  if (answer === undefined) return 'already_there';
  return answer ? 'imported' : [{ field, message }];
}

interface Sources {
  readonly invitations?: TableDump | TableInDatabase | undefined;
  readonly usages?: TableDump | TableInDatabase | undefined;
}

function tablesIn(tables: Pick<TableInDatabase, 'database' | 'schema'>): Sources {
  const common = { ...tables, keys: ['id'] };
  return {
    invitations: { ...common, table: 'usher_invitations' },
    usages: { ...common, table: 'usher_invitation_usages' },
  };
}

function readInvitation(row: RowReader, now: Date): InvitationDraft {
  const sourceId = row.required('id');
  const token = row.required('token');
  if (token !== '') row.report('token', tokenProblem(token));
  const name = row.text('name') ?? null;
  if (name !== null) row.report('name', textProblem(name, 255));
  const attributes = row.object('custom_attributes');
  row.report('custom_attributes', attributesProblem(attributes));
  const createdAt = row.time('inserted_at') ?? now;
  return {
    source: ofInvitations,
    sourceId,
    token,
    name,
    attributes,
    // Null, and an empty cell: never.
    expiresAt: row.time('expires_at') ?? null,
    createdAt,
    updatedAt: row.time('updated_at') ?? createdAt,
  };
}

type ReadUsage = Omit<UsageDraft, 'invitationId'> & { readonly parentId: string };

function readUsage(row: RowReader): ReadUsage {
  const sourceId = row.required('id');
  const parentId = row.required('invitation_id');
  const [type, id] = [row.required('entity_type'), row.required('entity_id')];
  const read = readEntity([type, id]);
  if (type !== '' && id !== '' && 'problem' in read) row.report('entity_type', read.problem);
  const action = row.required('action');
  if (action !== '' && !entityTypePattern.test(action))
    row.report('action', 'must have lower-case letters, digits and underscores');
  const metadata = row.object('metadata');
  row.report('metadata', attributesProblem(metadata));
  return {
    source: ofUsages,
    sourceId,
    parentId,
    entity: { type, id },
    action,
    metadata,
    // A part of what makes the row the same in another run.
    occurredAt: row.requiredTime('inserted_at'),
  };
}
