import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';

import { printMigrations } from '../../packages/engine/src/store/migrate.ts';
import { makeTemplate } from '../../packages/engine/src/testing/template.ts';

const root = join(import.meta.dirname, '..', '..');
const cache = join(root, 'node_modules', '.cache', 'headwater');

/** The file with a migrated PGlite data folder, made once for each state of the migrations. */
export async function ensureTemplateFile(): Promise<string> {
  // The engine's package.json names the version of PGlite exactly.
  const digest = createHash('sha256')
    .update(fs.readFileSync(join(root, 'packages', 'engine', 'package.json')))
    .update(printMigrations('headwater'));
  const file = join(cache, `pglite-${digest.digest('hex').slice(0, 16)}.tar`);
  if (fs.existsSync(file)) return file;
  fs.mkdirSync(cache, { recursive: true });
  for (const name of fs.readdirSync(cache)) {
    if (/^pglite-.*\.tar$/.test(name)) fs.rmSync(join(cache, name), { force: true });
  }
  const unfinished = `${file}.${process.pid}`;
  fs.writeFileSync(unfinished, Buffer.from(await (await makeTemplate()).arrayBuffer()));
  fs.renameSync(unfinished, file);
  return file;
}
