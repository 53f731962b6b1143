import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';

const commands = join(import.meta.dirname, '../../node_modules/.bin');

it('the command that docs/command-line.md calls with npx is there after an installation', async () => {
  const { stdout } = await promisify(execFile)(join(commands, 'headwater'), ['--help'], {
    env: { PATH: `${commands}:${process.env['PATH']}` },
  });
  expect(stdout).toContain('Usage: headwater');
});
