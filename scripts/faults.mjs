// `npm run test:faults`: the long form of the fault tests, one file after another, and a table of what they have shown.
// `npm run test:faults -- server-killed` runs one of them; FAULT_ROUNDS and FAULT_SEED are its parameters.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ensureBuilt } from './build.mjs';
import { ensureInstalled, modules, runCommand, runNode, say } from './project.mjs';

await runCommand(async () => {
  ensureInstalled();
  ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), 'headwater-faults-'));
  const table = join(folder, 'table');
  writeFileSync(table, '');
  process.env.FAULTS = 'long';
  process.env.FAULT_TABLE = table;
  const chosen = process.argv.slice(2).map((name) => `test/faults/${name}`);
  try {
    const code = await runNode([
      join(modules, 'vitest/vitest.mjs'),
      'run',
      '--no-file-parallelism',
      ...(chosen.length > 0 ? chosen : ['test/faults/']),
    ]);
    say(`\n${readFileSync(table, 'utf8')}`);
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
