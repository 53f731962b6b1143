/** docs/privacy.md: its examples from top to bottom. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import { createTestHeadwater } from 'headwater/testing';
import { expect, it } from 'vitest';

it('runs every example of docs/privacy.md', async () => {
  const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'privacy.md'), 'utf8');
  await using hw = await createTestHeadwater();
  const alice = { externalId: 'cust_123', email: 'alice@example.com' };
  orThrow(await hw.visitors.identify(alice));
  const examples = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code).join('\n');
  const run = new AsyncFunction(
    'hw',
    'orThrow',
    `${examples}\nreturn { rules, sentences, tables, exported, receipt };`,
  );
  expect(await run(hw, orThrow)).toMatchObject({
    rules: { preset: 'standard' },
    exported: { tables: { event: [{ type: 'identify' }] } },
    receipt: { rows: { event: 1, identity: 2 } },
  });
  expect(await hw.privacy.statement()).toMatchObject({
    rules: { preset: 'cookieless', retention: { events: 395, machineEvents: 30 } },
  });
  expect(await hw.visitors.identify(alice)).toMatchObject({ ok: true });
});

it('lets go of what is old once a day, by the clock of the engine', async () => {
  await using hw = await createTestHeadwater();
  orThrow(await hw.workspaces.update({ settings: { retentionDays: 30 } }));
  orThrow(await hw.visitors.identify({ externalId: 'cust_123' }));
  hw.clock.advance({ days: 60 });
  await hw.start();
  await expect.poll(async () => (await hw.inspect()).partitions, { timeout: 10_000 }).toEqual([]);
});

const AsyncFunction = (async () => undefined).constructor as new (
  ...parameters: string[]
) => (...values: unknown[]) => Promise<unknown>;
