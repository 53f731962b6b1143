/** docs/guides.md, from top to bottom. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import { createTestHeadwater } from 'headwater/testing';
import { expect, it } from 'vitest';

it('runs every example of docs/guides.md', async () => {
  const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'guides.md'), 'utf8');
  await using hw = await createTestHeadwater({ links: { domains: ['go.example.com'] } });
  const examples = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code).join('\n');
  const run = new AsyncFunction(
    'hw',
    'orThrow',
    `${examples}\nreturn { stats, report, redeemed, referred, leaders, key, moved, usher, known, launched, landing };`,
  );
  expect(await run(hw, orThrow)).toMatchObject({
    stats: { clicks: 0 },
    report: { totals: expect.anything() },
    leaders: [expect.anything()],
    key: { scopes: ['tracking:write'] },
    moved: { rows: 2, imported: 2, newPeople: 1, unusedColumns: [] },
    usher: { invitations: { rows: 1, imported: 1 } },
    known: { repeated: false },
    launched: { counts: { created: 1 } },
    landing: { partner: { key: 'annlee' } },
  });
});

const AsyncFunction = (async () => undefined).constructor as new (
  ...parameters: string[]
) => (...values: unknown[]) => Promise<unknown>;
