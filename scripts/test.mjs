// `npm test`: installs what is missing, builds what is stale (some tests start the built server),
// runs every test. Arguments go on to vitest: `npm test -- packages/engine/src/kernel`.
import { join } from 'node:path';

import { ensureBuilt } from './build.mjs';
import { ensureInstalled, modules, runCommand, runNode } from './project.mjs';

await runCommand(() => {
  ensureInstalled();
  ensureBuilt();
  return runNode([join(modules, 'vitest/vitest.mjs'), 'run', ...process.argv.slice(2)]);
});
