/** docs/link-rules.md: its examples of the library from top to bottom. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import { createTestHeadwater } from 'headwater/testing';
import { expect, it } from 'vitest';

it('runs every example of docs/link-rules.md', async () => {
  const guide = readFileSync(
    join(import.meta.dirname, '..', '..', 'docs', 'link-rules.md'),
    'utf8',
  );
  await using hw = await createTestHeadwater({ links: { domains: ['mybrand.link'] } });
  const examples = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code).join('\n');
  const run = new AsyncFunction('hw', 'orThrow', `${examples}\nreturn { route, report };`);
  expect(await run(hw, orThrow)).toMatchObject({
    route: {
      location: 'https://example.com/de/thanks',
      steps: [
        { step: 'start' },
        { step: 'expiry' },
        { step: 'limit' },
        { step: 'rule', decided: true },
      ],
    },
    report: { winner: null, variants: [{ name: 'short' }, { name: 'long' }] },
  });
});

const AsyncFunction = (async () => undefined).constructor as new (
  ...parametersAndBody: string[]
) => (...values: unknown[]) => Promise<unknown>;
