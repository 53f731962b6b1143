import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { open } from '../security/keyring.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { personNotFound, readReference } from './person-reference.ts';
import type { PersonNotFound, PersonReference } from './person-reference.ts';
import { readPersonRows } from './person-rows-store.ts';
import type { StoredRow } from './person-rows-store.ts';
import { findPersonBehind, tracePerson } from './person-trace-store.ts';
import { personTables, ruleOf } from './table-rule.ts';
import type { PersonTable } from './table-rule.ts';

/** Plain JSON: times in RFC 3339, amounts as numbers of minor units, columns named as in the tables. */
export type ExportedRow = Readonly<Record<string, unknown>>;

/** The first line of an export. */
export interface ExportHead {
  readonly format: 'headwater-person-1';
  readonly workspace_id: string;
  /** The person's id: the root of their visitors. */
  readonly visitor_id: string;
  readonly exported_at: string;
}

/** Each other line: one row of one table. */
export interface ExportLine {
  readonly table: PersonTable;
  readonly row: ExportedRow;
}

export interface PersonExport extends ExportHead {
  /** Every table that holds rows of people; `statement()` says what each is for. */
  readonly tables: Readonly<Record<PersonTable, readonly ExportedRow[]>>;
}

export type ExportPersonRefusal = ValidationRefusal | PersonNotFound;

/** Everything that is stored of a person, in one object. */
export async function exportPerson(
  context: Context,
  workspace: Workspace,
  reference: PersonReference,
): Promise<Result<PersonExport, ExportPersonRefusal>> {
  const opened = await openExport(context, workspace, reference);
  if (!opened.ok) return opened;
  const { head, lines } = opened.value;
  const tables = Object.fromEntries(
    personTables.map((table): [PersonTable, ExportedRow[]] => [table, []]),
  ) as Record<PersonTable, ExportedRow[]>;
  for await (const { table, row } of lines) tables[table].push(row);
  return ok({ ...head, tables });
}

/** The same line by line, for exports that are too long to hold. */
export async function openExport(
  context: Context,
  workspace: Workspace,
  reference: PersonReference,
): Promise<
  Result<
    { readonly head: ExportHead; readonly lines: AsyncGenerator<ExportLine> },
    ExportPersonRefusal
  >
> {
  const named = readReference(workspace, reference);
  if (!named.ok) return named;
  const person = await findPersonBehind(context.database, workspace, named.value);
  if (person === undefined || person.erasureId !== undefined) return personNotFound();
  const visitors = [...person.visitors.keys()];
  const head: ExportHead = {
    format: 'headwater-person-1',
    workspace_id: workspace.id,
    visitor_id: person.root,
    exported_at: new Date(context.clock.now()).toISOString(),
  };
  return ok({ head, lines: readLines(context, workspace, visitors) });
}

async function* readLines(
  context: Context,
  workspace: Workspace,
  visitors: readonly string[],
): AsyncGenerator<ExportLine> {
  const trace = await tracePerson(context.database, workspace, visitors);
  for (const table of personTables) {
    const without: readonly string[] = ['workspace_id', ...(ruleOf(table).without ?? [])];
    for await (const rows of readPersonRows(context.database, workspace.id, table, trace)) {
      for (const row of rows) yield { table, row: readable(workspace, table, row, without) };
    }
  }
}

function readable(
  workspace: Workspace,
  table: PersonTable,
  row: StoredRow,
  without: readonly string[],
): ExportedRow {
  const fields = Object.entries(row).filter(([column]) => !without.includes(column));
  return Object.fromEntries(
    fields.map(([column, value]) => {
      if (!(value instanceof Uint8Array)) return [column, toJson(value)];
      const text = open(workspace.dataKey, value).toString('utf8');
      return [column, table === 'visitor' ? (JSON.parse(text) as unknown) : text];
    }),
  );
}

function toJson(value: unknown): unknown {
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  return value instanceof Date ? value.toISOString() : value;
}
