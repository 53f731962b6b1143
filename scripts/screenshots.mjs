// `npm run screenshots`: builds what is stale, then takes the pictures.
import { ensureBuilt } from './build.mjs';
import { ensureInstalled, runCommand, runNode } from './project.mjs';

await runCommand(() => {
  ensureInstalled();
  ensureBuilt();
  return runNode([
    '--conditions=headwater-source',
    'scripts/screenshots.ts',
    ...process.argv.slice(2),
  ]);
});
