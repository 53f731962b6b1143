import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { signInStatus } from '../../packages/server/src/auth/sign-in-answer.ts';

it('docs/sign-in.md has every code of sign-in, with its status', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/sign-in.md'), 'utf8');
  const documented = [...page.matchAll(/^\| `(\w+)`\s*\| (\d{3})\s*\|/gm)].map(
    ([, code, status]) => [code, Number(status)],
  );
  expect(Object.fromEntries(documented)).toEqual(signInStatus);
});
