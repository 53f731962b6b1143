import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

import { PGlite } from '@electric-sql/pglite';

import { ConfigurationError } from '../kernel/errors.ts';
import { lockFolder } from './folder-lock.ts';

/** The embedded database: one folder with the rows, the secret and the lock. */
export interface EmbeddedFolder {
  readonly pglite: PGlite;
  /** The installation's secret; absent where the options name their own. */
  readonly secret: string | undefined;
  /** Closes the database and lets the next process have the folder. */
  close(): Promise<void>;
}

/**
 * Opens the embedded database, and creates it and its secret where there are none.
 * @throws {FolderLockedError} another process has it open.
 */
export async function openEmbeddedFolder(
  folder: string,
  options: { /** @default true */ readonly keepSecret?: boolean } = {},
): Promise<EmbeddedFolder> {
  const root = resolve(folder);
  const lock = await lockFolder(root);
  try {
    const data = join(root, 'database');
    const fresh = !existsSync(data);
    // Before the database: rows without the secret that keyed them would be lost.
    const secret =
      options.keepSecret === false ? undefined : readOrMakeSecret(join(root, 'secret'), fresh);
    if (fresh) await createDataFolder(data);
    const pglite = await PGlite.create({ dataDir: data });
    return {
      pglite,
      secret,
      async close() {
        try {
          if (!pglite.closed) await pglite.close();
        } finally {
          lock.release();
        }
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** A process that is killed while the files are made leaves no half database behind. */
async function createDataFolder(data: string): Promise<void> {
  const unfinished = `${data}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  const pglite = await PGlite.create({ dataDir: unfinished });
  await pglite.close();
  renameSync(unfinished, data);
}

function readOrMakeSecret(path: string, fresh: boolean): string {
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  if (!fresh) {
    throw new ConfigurationError(
      `The secret file ${path} is missing beside an existing database. Put it back, or name the secret in the options: ` +
        'without it API keys and encrypted values cannot be read.',
    );
  }
  const secret = randomBytes(32).toString('base64url');
  const unfinished = `${path}.new`;
  rmSync(unfinished, { force: true });
  const file = openSync(unfinished, 'wx', 0o600);
  try {
    writeSync(file, `${secret}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(unfinished, path);
  return secret;
}
