import { printDistribution, printMigrations } from 'headwater';
import type { DistributionReport, Headwater } from 'headwater';

import type { ServerConfig } from '../config.ts';
import { withEngine } from '../engine.ts';
import type { Log } from '../log.ts';
import type { Terminal } from '../terminal.ts';

export interface MigrateFlags {
  readonly distribute?: boolean;
}

/** Brings the schema to this version, and distributes the tables where that is asked for. */
export async function migrate(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: MigrateFlags = {},
): Promise<void> {
  const run = async (
    hw: Headwater,
  ): Promise<{
    readonly migrated: Awaited<ReturnType<Headwater['migrate']>>;
    readonly spread?: DistributionReport;
  }> => {
    const migrated = await hw.migrate();
    return flags.distribute === true ? { migrated, spread: await hw.distribute() } : { migrated };
  };
  const { migrated, spread } = await withEngine(config, log, run);
  const { applied, version } = migrated;
  if (terminal.json) {
    terminal.print(JSON.stringify({ applied, version, ...spread }));
    return;
  }
  if (applied.length === 0) terminal.print(`The schema is at version ${version}; nothing to do.`);
  else terminal.print(`Applied ${applied.join(', ')}. The schema is at version ${version}.`);
  if (spread !== undefined) terminal.print(describeSpread(spread));
}

function describeSpread({ distributed, copied, before }: DistributionReport): string {
  if (distributed.length + copied.length === 0)
    return `All ${before} tables are distributed; nothing to do.`;
  return [
    ...copied.map((table) => `Copied ${table} to every node.`),
    ...distributed.map((table) => `Distributed ${table} by workspace_id.`),
    ...(before === 0 ? [] : [`${before} tables were distributed already.`]),
  ].join('\n');
}

/** Prints the SQL, for those who run migrations with a tool of their own. Needs no database. */
export function printMigrationSql(
  schema: string,
  terminal: Terminal,
  flags: MigrateFlags = {},
): void {
  const sql = flags.distribute === true ? printDistribution(schema) : printMigrations(schema);
  terminal.print(terminal.json ? JSON.stringify({ schema, sql }) : sql.trimEnd());
}
