// `npm run test:explore -- 20 visitors`: the property tests, twenty times from another place, of files that are named
// so; ends with the first that fails and says how to repeat it.
import { randomInt } from 'node:crypto';
import { join } from 'node:path';

import { ensureBuilt } from './build.mjs';
import { CommandFailure, ensureInstalled, modules, runCommand, runNode, say } from './project.mjs';

await runCommand(async () => {
  const [rounds = '10', ...files] = process.argv.slice(2);
  const count = Number(rounds);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new CommandFailure(`How many rounds? ${rounds} is no such number`, 2);
  ensureInstalled();
  ensureBuilt();
  const chosen = files.length > 0 ? files : ['property.test'];
  for (let round = 1; round <= count; round += 1) {
    process.env.PROPERTY_SEED = String(randomInt(2 ** 31));
    say(`Round ${round} of ${count}, PROPERTY_SEED=${process.env.PROPERTY_SEED}`);
    const code = await runNode([
      join(modules, 'vitest/vitest.mjs'),
      'run',
      '--reporter=dot',
      ...chosen,
    ]);
    if (code !== 0) return code;
  }
  return 0;
});
