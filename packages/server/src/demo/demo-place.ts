import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { HeadwaterOptions } from 'headwater';
import { sql } from 'kysely';

import type { SignInDb } from '../auth/sign-in-tables.ts';

/** Where what is simulated lives: apart from everything real, so that neither can touch the other. */
export interface DemoPlace {
  readonly options: Pick<HeadwaterOptions, 'database' | 'schema'>;
  /** Takes all of it away. Nothing may have it open. */
  remove(db: SignInDb): Promise<void>;
}

/** A folder beside the embedded database; on PostgreSQL a schema beside the engine's. */
export function demoPlace(
  options: Pick<HeadwaterOptions, 'database' | 'schema'>,
  dataFolder: string,
): DemoPlace {
  const { database, schema = 'headwater' } = options;
  if (!('url' in database)) {
    const folder = join(dataFolder, 'demo');
    return {
      options: { database: { folder } },
      remove: () => rm(folder, { recursive: true, force: true }),
    };
  }
  const own = `${schema}_demo`;
  return {
    options: { database: { ...database, connections: 3 }, schema: own },
    async remove(db) {
      for (const name of [own, `${own}_jobs`])
        await sql`drop schema if exists ${sql.id(name)} cascade`.execute(db);
    },
  };
}
