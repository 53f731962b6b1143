// `npm start`: installs what is missing, builds what is stale, serves.
import { join } from 'node:path';

import { ensureBuilt } from './build.mjs';
import { ensureInstalled, root, runCommand, runNode } from './project.mjs';

await runCommand(() => {
  ensureInstalled();
  ensureBuilt();
  return runNode([join(root, 'packages/server/dist/cli.js'), 'serve', ...process.argv.slice(2)]);
});
