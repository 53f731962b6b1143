import type { Context } from '../context.ts';
import { readEntity, userType } from '../invitations/entity.ts';
import { textProblem } from '../invitations/invitation.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { RedemptionDraft } from '../redemptions/import-redemptions.ts';
import { importCodes, importCodeUses } from '../referrals/import-codes.ts';
import type { CodeDraft } from '../referrals/import-codes.ts';
import { codeProblem } from '../referrals/referral-code.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { importTable } from './import-table.ts';
import type { TableImport, TableImportOptions, Written } from './import-table.ts';
import { explain } from './import-usher.ts';
import type { InputRefusal } from './read-input.ts';
import { importedIds } from './remember-row.ts';
import type { TableReport } from './table-report.ts';
import type { RowReader } from './table-row.ts';
import { withHostDatabase } from './table-source.ts';
import type { HostDatabase, TableDump, TableInDatabase } from './table-source.ts';

/** PhoenixKit's two tables of referral codes: where they live, or dumps of them. Either may be left out. */
export type PhoenixKitTables =
  | {
      /** A `pg` pool, a PGlite, or the URL of a PostgreSQL. */
      readonly database: HostDatabase | string;
      readonly schema?: string | undefined;
    }
  | { readonly codes?: TableDump | undefined; readonly usages?: TableDump | undefined };

export interface PhoenixKitReport {
  readonly dryRun: boolean;
  readonly codes?: TableReport;
  readonly usages?: TableReport;
}

const ofCodes = 'phoenix_kit_referral_code';
const ofUsages = 'phoenix_kit_referral_code_usage';

/**
 * Imports PhoenixKit's referral codes and who used them. Codes keep the uses that they had; each use stays as history
 * with the status `imported`, which counts in the total and lets through the gate. Each row counts once however often it
 * is read.
 */
export async function importPhoenixKit(
  context: Context,
  workspace: Workspace,
  tables: PhoenixKitTables,
  options: TableImportOptions = {},
): Promise<Result<PhoenixKitReport, InputRefusal>> {
  if (!('database' in tables)) return importBoth(context, workspace, tables, options);
  const { schema } = tables;
  return withHostDatabase(tables.database, (database) =>
    importBoth(context, workspace, tablesIn({ database, schema }), options),
  );
}

async function importBoth(
  context: Context,
  workspace: Workspace,
  { codes, usages }: Sources,
  options: TableImportOptions,
): Promise<Result<PhoenixKitReport, InputRefusal>> {
  const now = new Date(context.clock.now());
  const seen = new Set<string>();
  const report: { dryRun: boolean; codes?: TableReport; usages?: TableReport } = {
    dryRun: options.dryRun === true,
  };
  if (codes !== undefined) {
    const table: TableImport<CodeDraft> = {
      name: 'codes',
      source: codes,
      read: (row) => readCode(row, now),
      judge({ sourceId }) {
        seen.add(sourceId);
        return [];
      },
      async write(tx, drafts) {
        const answers = await importCodes(context, tx, workspace, drafts);
        return answers.map((answer) => explain(answer, 'code', 'is that of another code'));
      },
    };
    const imported = await importTable(context, table, options);
    if (!imported.ok) return imported;
    report.codes = imported.value;
  }
  if (usages !== undefined && options.signal?.aborted !== true) {
    const table: TableImport<ReadUse> = {
      name: 'usages',
      source: usages,
      read: readUse,
      judge: ({ parentId }) => (codes === undefined || seen.has(parentId) ? [] : [unknownCode]),
      async write(tx, drafts) {
        const parents = drafts.map(({ parentId }) => parentId);
        const ids = await importedIds(tx, workspace.id, ofCodes, parents);
        const known = drafts.flatMap(({ parentId, ...draft }) => {
          const codeId = ids.get(parentId);
          return codeId === undefined ? [] : [{ ...draft, codeId }];
        });
        const written = await importCodeUses(context, tx, workspace, known);
        return drafts.map(({ parentId }): Written => {
          if (!ids.has(parentId)) return [unknownCode];
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

const unknownCode = { field: 'code_uuid', message: 'is no code that was imported' } as const;

interface Sources {
  readonly codes?: TableDump | TableInDatabase | undefined;
  readonly usages?: TableDump | TableInDatabase | undefined;
}

function tablesIn(tables: Pick<TableInDatabase, 'database' | 'schema'>): Sources {
  // Ids were whole numbers at first.
  const common = { ...tables, keys: ['uuid', 'id'] };
  return {
    codes: { ...common, table: 'phoenix_kit_referral_codes' },
    usages: { ...common, table: 'phoenix_kit_referral_code_usage' },
  };
}

function readCode(row: RowReader, now: Date): CodeDraft {
  const code = row.required('code');
  if (code !== '') row.report('code', codeProblem(code));
  const description = row.text('description') ?? null;
  if (description !== null) row.report('description', textProblem(description, 255));
  const usesMax = row.count('max_uses');
  if (usesMax === undefined) row.report('max_uses', 'is required');
  return {
    source: ofCodes,
    sourceId: row.required('uuid', 'id'),
    code,
    description,
    active: row.truth('status') ?? true,
    uses: row.count('number_of_uses') ?? 0,
    usesMax: usesMax ?? 0,
    expiresAt: row.time('expiration_date') ?? null,
    creatorId: readUser(row, 'created_by_uuid', 'created_by'),
    beneficiaryId: readUser(row, 'beneficiary_uuid', 'beneficiary'),
    createdAt: row.time('date_created') ?? now,
  };
}

type ReadUse = Omit<RedemptionDraft, 'codeId'> & { readonly parentId: string };

function readUse(row: RowReader): ReadUse {
  const userId = readUser(row, 'used_by_uuid', 'used_by');
  if (userId === undefined) row.report('used_by_uuid', 'is required');
  return {
    source: ofUsages,
    sourceId: row.required('uuid', 'id'),
    parentId: row.required('code_uuid', 'code_id'),
    userId: userId ?? '',
    // A part of what makes the row the same in another run.
    redeemedAt: row.requiredTime('date_used'),
  };
}

function readUser(row: RowReader, ...names: readonly [string, string]): string | undefined {
  const id = row.text(...names);
  if (id === undefined) return undefined;
  const read = readEntity([userType, id]);
  if ('problem' in read) row.report(names[0], read.problem);
  return id;
}
