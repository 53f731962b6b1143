import { printMigrations } from 'headwater';

import type { ServerConfig } from '../config.ts';
import { withEngine } from '../engine.ts';
import type { Log } from '../log.ts';
import type { Terminal } from '../terminal.ts';

/** Brings the schema to this version. */
export async function migrate(config: ServerConfig, log: Log, terminal: Terminal): Promise<void> {
  const { applied, version } = await withEngine(config, log, (hw) => hw.migrate());
  if (terminal.json) terminal.print(JSON.stringify({ applied, version }));
  else if (applied.length === 0)
    terminal.print(`The schema is at version ${version}; nothing to do.`);
  else terminal.print(`Applied ${applied.join(', ')}. The schema is at version ${version}.`);
}

/** Prints the SQL, for those who run migrations with a tool of their own. Needs no database. */
export function printMigrationSql(schema: string, terminal: Terminal): void {
  const sql = printMigrations(schema);
  terminal.print(terminal.json ? JSON.stringify({ schema, sql }) : sql.trimEnd());
}
