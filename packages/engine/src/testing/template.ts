import type { PGlite } from '@electric-sql/pglite';

/** A migrated data folder without a workspace; loading one is much faster than making one. */
let template: Promise<Blob> | undefined;

/**
 * A migrated database in memory. The first one of a process is made, the others are copies of it.
 * @public
 */
export async function openMigratedMemory(): Promise<PGlite> {
  const { PGlite } = await import('@electric-sql/pglite');
  template ??= makeTemplate();
  return PGlite.create({ loadDataDir: await template });
}

let shared: Promise<PGlite> | undefined;
let schemas = 0;
/** Migrated and empty, given back by tests that are over. */
const idle: string[] = [];

/** Tables of its own for each test: a schema in the one database of the process, where it can be one that was used before. */
export async function openMigratedSchema(): Promise<{
  readonly pglite: PGlite;
  readonly schema: string;
  giveBack(): Promise<void>;
}> {
  const pglite = await (shared ??= openMigratedMemory());
  const schema = idle.pop() ?? (await makeSchema(pglite));
  return {
    pglite,
    schema,
    async giveBack() {
      const { rows } = await pglite.query<{ tables: string }>(
        `select string_agg(format('%I.%I', schemaname, tablename), ', ') as tables
         from pg_tables where schemaname = $1 and tablename <> 'migration'`,
        [schema],
      );
      await pglite.exec(`truncate ${rows[0]!.tables}`);
      // Jobs, and what a server keeps beside the engine; a number is another test's.
      const { rows: beside } = await pglite.query<{ schemas: string | null }>(
        `select string_agg(format('%I', nspname), ', ') as schemas from pg_namespace where nspname ~ ('^' || $1 || '_[a-z]')`,
        [schema],
      );
      const [{ schemas: others } = { schemas: null }] = beside;
      if (others !== null) await pglite.exec(`drop schema ${others} cascade`);
      idle.push(schema);
    },
  };
}

async function makeSchema(pglite: PGlite): Promise<string> {
  schemas += 1;
  // The template has it.
  if (schemas === 1) return 'headwater';
  const { printMigrations } = await import('../store/migrate.ts');
  const schema = `headwater_${schemas}`;
  await pglite.exec(printMigrations(schema));
  return schema;
}

/** @public */
export async function makeTemplate(): Promise<Blob> {
  const { PGlite } = await import('@electric-sql/pglite');
  const { printMigrations } = await import('../store/migrate.ts');
  const first = await PGlite.create();
  await first.exec(printMigrations('headwater'));
  const dump = await first.dumpDataDir('none');
  await first.close();
  return dump;
}

/**
 * Takes the template from somewhere else: the tests of this repository keep it between files and runs.
 * @public
 */
export function setTemplate(load: () => Promise<Blob>): void {
  template = load();
  template.catch(() => undefined);
}
