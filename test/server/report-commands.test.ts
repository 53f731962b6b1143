/** `headwater analytics` and `headwater funnels`, on a folder that an engine has written before. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createHeadwater, orThrow } from 'headwater';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { runCommand } from './server-process.ts';

const window = ['--from', '2026-03-01', '--to', '2026-03-04'];
let folder: string;
let variables: Readonly<Record<string, string>>;
let funnelId: string;

// Ann and Ben look at the prices on the 2nd, Ann buys for 49.00, and 10.00 go back on the 3rd.
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-reports-'));
  const data = join(folder, 'data');
  variables = { HEADWATER_DATA: data };
  const now = Date.parse('2026-03-04T12:00:00Z');
  const hw = await createHeadwater({ database: { folder: data }, clock: { now: () => now } });
  await hw.migrate();
  const of = (externalId: string, at: string) => ({
    externalId,
    occurredAt: new Date(`2026-03-${at}Z`),
  });
  const pricing = { type: 'pageview', url: 'https://shop.example/pricing' } as const;
  for (const who of ['ann', 'ben']) {
    orThrow(await hw.visitors.identify({ externalId: who }));
    orThrow(await hw.events.track({ ...of(who, '02T10:00:00'), ...pricing }));
  }
  const usd = { currency: 'USD' };
  orThrow(
    await hw.events.track({
      ...of('ann', '02T10:05:00'),
      ...usd,
      type: 'sale',
      amountMinor: 4_900n,
    }),
  );
  orThrow(
    await hw.events.track({
      ...of('ann', '03T09:00:00'),
      ...usd,
      type: 'refund',
      amountMinor: 1_000n,
    }),
  );
  const steps = [
    { label: 'Looks', filters: [{ kind: 'url', value: '/pricing' } as const] },
    { label: 'Buys', filters: [{ kind: 'event', type: 'sale' } as const] },
  ];
  funnelId = orThrow(await hw.funnels.create({ name: 'Prices to sale', steps })).id;
  await hw.close();
}, 60_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('headwater analytics', () => {
  it('sums up, with what went back, as a table and as JSON', async () => {
    const summary = ['analytics', 'summary', ...window];
    const { stdout } = await runCommand(summary, variables);
    expect(stdout).toMatch(/^people +2 +0$/m);
    const { stdout: json } = await runCommand([...summary, '--json'], variables);
    expect(JSON.parse(json)).toMatchObject({ people: 2, sales: 1, buyers: 1, revenue: 3_900 });
  }, 60_000);

  it('has each day, with the refund on its own', async () => {
    const days = ['--metric', 'revenue', '--interval', '1d', '--timezone', 'UTC', '--json'];
    const { stdout } = await runCommand(['analytics', 'timeseries', ...window, ...days], variables);
    const { points } = JSON.parse(stdout) as { points: ReadonlyArray<{ value: number }> };
    expect(points.map(({ value }) => value)).toEqual([0, 4_900, -1_000, 0]);
  }, 60_000);

  it('breaks down, filters, and prints events as lines', async () => {
    const breakdown = ['analytics', 'breakdown', ...window, '--dimension', 'page'];
    const pages = [...breakdown, '--metrics', 'people,pageviews'];
    expect((await runCommand(pages, variables)).stdout).toMatch(/^\/pricing +2 +2$/m);
    const none = await runCommand([...pages, '--filter', 'page!=/pricing', '--json'], variables);
    expect(JSON.parse(none.stdout)).toMatchObject({ rows: [] });
    const events = await runCommand(['analytics', 'events', ...window], variables);
    const lines = events.stdout.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
      'pageview',
      'pageview',
      'sale',
      'refund',
      'identify',
      'identify',
    ]);
  }, 60_000);

  it('answers who comes back and who is there now', async () => {
    const retention = await runCommand(['analytics', 'retention', ...window, '--json'], variables);
    expect(JSON.parse(retention.stdout)).toMatchObject({ cohorts: expect.any(Array) });
    const live = await runCommand(['analytics', 'live', '--json'], variables);
    expect(JSON.parse(live.stdout)).toMatchObject({ pageviews_30_minutes: 0 });
  }, 60_000);

  it('fails where a report is refused, and says why', async () => {
    const wrong = await runCommand(['analytics', 'breakdown', '--dimension', 'shoe'], variables);
    expect(wrong.code).not.toBe(0);
    expect(wrong.stderr).toContain('must be one of');
  }, 60_000);
});

describe('headwater events', () => {
  it('lists what happened, newest first, and only what is asked for', async () => {
    const sales = ['events', 'list', ...window, '--filter', 'event_type=sale'];
    const { stdout } = await runCommand([...sales, '--json'], variables);
    expect(JSON.parse(stdout)).toMatchObject({
      events: [{ event_type: 'sale', amount_cents: 4_900 }],
      next_cursor: null,
    });
    const shoe = await runCommand(['events', 'list', '--filter', 'shoe=43'], variables);
    expect(shoe).toMatchObject({ code: 2, stderr: expect.stringContaining('event_type') });
  }, 60_000);
});

describe('headwater funnels', () => {
  it('lists, and reports the people of each step', async () => {
    const { stdout } = await runCommand(['funnels', 'list'], variables);
    expect(stdout).toMatch(new RegExp(`^${funnelId} +Prices to sale +2 +7 d$`, 'm'));
    const report = ['funnels', 'report', funnelId, ...window];
    const table = await runCommand([...report, '--dimension', 'country'], variables);
    expect(table.stdout).toMatch(/^Looks +2 +100\.0 %/m);
    expect(table.stdout).toMatch(/^Buys +1 +50\.0 % .* 5 min/m);
    const json = await runCommand([...report, '--json'], variables);
    expect(JSON.parse(json.stdout)).toMatchObject({ entered: 2, converted: 1 });
  }, 60_000);

  it('writes each step, of all and of each group, as CSV and as lines', async () => {
    const report = ['funnels', 'report', funnelId, ...window, '--dimension', 'country'];
    const csv = await runCommand([...report, '--format', 'csv'], variables);
    expect(csv.stdout.split('\r\n').slice(0, 3)).toEqual([
      'of,value,step,label,people,rate,rate_of_previous,dropped_off,drop_off_rate,median_seconds,p90_seconds',
      'all,,1,Looks,2,1,1,1,0.5,,',
      'all,,2,Buys,1,0.5,0.5,0,0,300,300',
    ]);
    const lines = await runCommand([...report, '--format', 'ndjson'], variables);
    const rows = lines.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows).toHaveLength(csv.stdout.trim().split('\r\n').length - 1);
    expect(rows).toContainEqual(
      expect.objectContaining({ of: 'group', value: '(not set)', step: 2, people: 1 }),
    );
  }, 60_000);

  it('ends with 2 for what cannot be asked', async () => {
    const report = ['funnels', 'report', funnelId];
    expect(await runCommand([...report, '--from', 'soon'], variables)).toMatchObject({ code: 2 });
    const shoe = await runCommand([...report, '--dimension', 'shoe'], variables);
    expect(shoe).toMatchObject({ code: 2, stderr: expect.stringContaining('must be one of') });
  }, 60_000);
});
