import type { PGlite } from '@electric-sql/pglite';

/** A migrated data folder without a workspace; loading one is much faster than making one. */
let template: Promise<Blob> | undefined;

/** A migrated database in memory. The first one of a process is made, the others are copies of it. */
export async function openMigratedMemory(): Promise<PGlite> {
  const { PGlite } = await import('@electric-sql/pglite');
  template ??= makeTemplate();
  return PGlite.create({ loadDataDir: await template });
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
