// `npm run demo`: the server with a simulated shop, made at the first start.
import { join } from 'node:path';

import { ensureBuilt, serverBundle } from './build.mjs';
import { ensureInstalled, root, runCommand, runNode } from './project.mjs';

const folder = join(root, '.headwater-demo');

await runCommand(async () => {
  ensureInstalled();
  ensureBuilt();
  const filled = await runNode(['scripts/fill-demo.ts', folder]);
  if (filled !== 0) return filled;
  process.env['HEADWATER_DATA'] = folder;
  process.env['HEADWATER_LINK_DOMAINS'] = 'go.shop.example';
  process.env['HEADWATER_OWN_HOSTS'] = 'shop.example';
  // What was made up is told to no ad platform.
  process.env['HEADWATER_CONNECTORS'] = 'off';
  return runNode([serverBundle, 'serve', ...process.argv.slice(2)]);
});
