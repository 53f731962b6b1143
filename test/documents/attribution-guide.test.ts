/** docs/attribution.md: what its walk from click to credit prints, its table of models, and its examples. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { orThrow } from 'headwater';
import { creditConversion, parseModel } from 'headwater/models';
import type { Path, RuleModel } from 'headwater/models';
import { createTestHeadwater } from 'headwater/testing';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const guide = readFileSync(join(root, 'docs', 'attribution.md'), 'utf8');
const day = 86_400_000;

it('shows what the walk from click to credit prints', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-credit-'));
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        '--conditions=headwater-source',
        join(root, 'examples', 'click-to-credit', 'demo.ts'),
        join(folder, 'data'),
      ],
      { cwd: folder },
    );
    const [, shown] = /^```text\n(.*?)^```$/ms.exec(guide) ?? [];
    expect(stdout).toBe(shown);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);

it('shows what each model gives the touches of its example', () => {
  const channels = ['Paid Search', 'Referral', 'Email', 'Direct'];
  const path: Path = {
    touches: channels.map((channel, index) => ({
      id: String(index),
      occurredAt: index * 7 * day,
      channel,
      kind: channel === 'Direct' ? 'direct' : 'campaign',
      paid: channel === 'Paid Search',
    })),
    conversion: { occurredAt: 21 * day, amountMinor: 10_000n, leadAt: 8 * day },
  };
  const rows = [...guide.matchAll(/^\| `(\w+)` +\|[^|]*\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$/gm)];
  expect(rows).toHaveLength(12);
  for (const [, name = '', ...cells] of rows) {
    const parameters = name === 'custom' ? { first: 1, lead: 0, middle: 0, last: 1 } : {};
    const model = orThrow(parseModel(name, parameters)) as RuleModel;
    const given = creditConversion(model, path).map(({ amountMinor }) => Number(amountMinor) / 100);
    expect([name, ...given]).toEqual([name, ...cells.map((cell) => Number(cell.trim() || '0'))]);
  }
});

it('runs every example', async () => {
  await using hw = await createTestHeadwater();
  const visitor = orThrow(await hw.visitors.identify({ externalId: 'cust_123' })).visitor;
  const of = { externalId: 'cust_123' };
  orThrow(await hw.events.lead(of));
  orThrow(
    await hw.events.sale({
      ...of,
      amountMinor: 4_900n,
      currency: 'USD',
      idempotencyKey: 'order-7',
    }),
  );
  hw.clock.advance({ days: 1 });
  const examples = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code).join('\n');
  const run = new AsyncFunction(
    'hw',
    'orThrow',
    'visitorId',
    `${examples}\nreturn { report, paths, explanation };`,
  );
  expect(await run(hw, orThrow, visitor?.id)).toMatchObject({
    report: {
      models: [{}, {}, { key: 'time_decay(half_life_days=14)' }],
      rows: [{ kind: 'unattributed' }],
    },
    paths: { totals: { conversions: 1 } },
    explanation: { balance: { removed: true } },
  });
  const { totals } = orThrow(await hw.attribution.report());
  expect(totals).toEqual({
    conversions: 1,
    revenue: [{ currency: 'USD', amountMinor: 3_400n }],
  });
  expect(orThrow(await hw.attribution.report({ goals: ['lead'] })).totals.conversions).toBe(0);
});

const AsyncFunction = (async () => undefined).constructor as new (
  ...parameters: string[]
) => (...values: unknown[]) => Promise<unknown>;
