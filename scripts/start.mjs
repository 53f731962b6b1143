// `npm start`: installs what is missing, builds what is stale, serves.
import { ensureBuilt, serverBundle } from './build.mjs';
import { ensureInstalled, runCommand, runNode } from './project.mjs';

await runCommand(() => {
  ensureInstalled();
  ensureBuilt();
  return runNode([serverBundle, 'serve', ...process.argv.slice(2)]);
});
