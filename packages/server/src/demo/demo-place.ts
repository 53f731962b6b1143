import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { HeadwaterOptions } from 'headwater';
import { sql } from 'kysely';

import type { SignInDb } from '../auth/sign-in-tables.ts';

/** Where what is simulated lives: apart from everything real, so that neither can touch the other. */
export interface DemoPlace {
  readonly options: Pick<HeadwaterOptions, 'database' | 'schema'>;
  /** Makes it anew, empty and with our mark. @throws where something without the mark is in its way, which stays. */
  prepare(db: SignInDb): Promise<void>;
  /** Takes away what has our mark, and nothing else. Nothing may have it open. */
  remove(db: SignInDb): Promise<void>;
}

const mark = 'headwater demo';
const markerName = 'headwater-demo';
/** With `_demo_jobs` behind it, within the 50 bytes that the queue's schema may have. */
const schemaBytesMax = 40;

/** A folder beside the embedded database; on PostgreSQL a schema beside the engine's. */
export function demoPlace(
  options: Pick<HeadwaterOptions, 'database' | 'schema'>,
  dataFolder: string,
): DemoPlace {
  const { database, schema = 'headwater' } = options;
  return 'url' in database ? besideSchema(database, schema) : inFolder(join(dataFolder, 'demo'));
}

function inFolder(folder: string): DemoPlace {
  const marker = join(folder, markerName);

  async function remove(): Promise<void> {
    if (!existsSync(marker)) return;
    // The mark goes last: what is left by a process that ends in between is still ours.
    for (const name of await readdir(folder))
      if (name !== markerName) await rm(join(folder, name), { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  }

  return {
    options: { database: { folder } },
    remove,
    async prepare() {
      await remove();
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if ((await readdir(folder)).length > 0) throw inTheWay(`The folder ${folder}`);
      await writeFile(marker, `${mark}\n`);
    },
  };
}

function besideSchema(
  database: Extract<HeadwaterOptions['database'], { readonly url: string }>,
  schema: string,
): DemoPlace {
  const own = `${schema}_demo`;
  const names = [own, `${own}_jobs`];
  // PostgreSQL cuts longer names, and the cut one may be the name of something real.
  const isTooLong = Buffer.byteLength(schema) > schemaBytesMax;

  async function remove(db: SignInDb): Promise<void> {
    if (isTooLong) return;
    for (const name of names)
      if ((await findSchema(db, name))?.comment === mark)
        await sql`drop schema if exists ${sql.id(name)} cascade`.execute(db);
  }

  return {
    options: { database: { ...database, connections: 3 }, schema: own },
    remove,
    async prepare(db) {
      if (isTooLong)
        throw new Error(
          `A demo needs a schema name of at most ${schemaBytesMax} bytes, and "${schema}" is longer`,
        );
      await remove(db);
      for (const name of names)
        if ((await findSchema(db, name)) !== undefined) throw inTheWay(`The schema ${name}`);
      await db.transaction().execute(async (tx) => {
        for (const name of names) {
          await sql`create schema ${sql.id(name)}`.execute(tx);
          await sql`comment on schema ${sql.id(name)} is ${sql.lit(mark)}`.execute(tx);
        }
      });
    },
  };
}

function inTheWay(what: string): Error {
  return new Error(`${what} was not made for a demo, so it stays, and there can be no demo`);
}

async function findSchema(
  db: SignInDb,
  name: string,
): Promise<{ readonly comment: string | null } | undefined> {
  const { rows } = await sql<{ readonly comment: string | null }>`
    select obj_description(oid, 'pg_namespace') as comment from pg_namespace where nspname = ${name}
  `.execute(db);
  return rows[0];
}
