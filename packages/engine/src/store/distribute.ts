import { HeadwaterError } from '../kernel/errors.ts';
import type { Database } from './database.ts';
import { quote } from './migrate.ts';
import { migrations } from './migrations/index.ts';

export interface DistributionReport {
  /** Tables that were distributed by `workspace_id` now. */
  readonly distributed: readonly string[];
  /** Tables of the directory that every node has a copy of now. */
  readonly copied: readonly string[];
  /** How many were one or the other before. */
  readonly before: number;
}

interface Step {
  readonly table: string;
  readonly kind: 'distributed' | 'copied';
  readonly text: string;
}

/** Citus 13 is the oldest that the design was tried on. */
const citusMin = 13;

/**
 * Spreads the tables over the nodes of a Citus cluster by their workspace: one workspace is on one node with everything
 * it has. Each table by itself, so that a call that broke off is made again; what is done is left alone. Rows that are
 * there are moved, and writers of that table wait meanwhile.
 *
 * @throws {HeadwaterError} `citus_missing`, `citus_too_old`.
 */
export async function distribute(database: Database): Promise<DistributionReport> {
  await expectCitus(database);
  const { rows } = await database.query(
    'select c.relname as name from pg_dist_partition d join pg_class c on c.oid = d.logicalrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1',
    [database.schema],
  );
  const there = new Set((rows as Array<{ name: string }>).map(({ name }) => name));
  const steps = stepsOf(database.schema);
  const open = steps.filter(({ table }) => !there.has(table));
  for (const { text } of open) await database.query(text);
  const named = (kind: Step['kind']): string[] =>
    open.filter((step) => step.kind === kind).map(({ table }) => table);
  return {
    distributed: named('distributed'),
    copied: named('copied'),
    before: steps.length - open.length,
  };
}

/** The SQL of `distribute()`, for a database whose schema is up to date and where nothing is distributed yet. */
export function printDistribution(schemaName: string): string {
  return stepsOf(schemaName)
    .map(({ text }) => `${text};\n`)
    .join('');
}

function stepsOf(schemaName: string): Step[] {
  const nameOf = (table: string): string => `'${quote(schemaName)}.${quote(table)}'`;
  const [first, ...others] = migrations.flatMap((migration) => migration.distributed);
  const spread = (table: string, beside: string): Step => ({
    table,
    kind: 'distributed',
    text: `select create_distributed_table(${nameOf(table)}, 'workspace_id', colocate_with => ${beside})`,
  });
  return [
    ...migrations
      .flatMap((migration) => migration.reference)
      .map((table): Step => ({
        table,
        kind: 'copied',
        text: `select create_reference_table(${nameOf(table)})`,
      })),
    // In a group of their own, apart from tables of the host's that may be distributed by a uuid too.
    spread(first!, `'none'`),
    ...others.map((table) => spread(table, nameOf(first!))),
  ];
}

async function expectCitus(database: Database): Promise<void> {
  const { rows } = await database.query(
    "select extversion as version from pg_extension where extname = 'citus'",
  );
  const [found] = rows as Array<{ version: string }>;
  if (found === undefined)
    throw new HeadwaterError(
      'citus_missing',
      'The tables cannot be distributed: this database has no extension "citus". Give the URL of a coordinator of Citus 13 or newer on which `create extension citus` was run.',
    );
  if (Number.parseInt(found.version, 10) < citusMin)
    throw new HeadwaterError(
      'citus_too_old',
      `The tables cannot be distributed: this is Citus ${found.version}, and it takes ${citusMin} or newer.`,
    );
}
