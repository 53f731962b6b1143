/** `headwater reclassify`, on a folder whose workspace has learnt a rule since people came. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createHeadwater, orThrow } from 'headwater';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { runCommand } from './server-process.ts';

const day = 24 * 60 * 60 * 1_000;
let folder: string;
let variables: Readonly<Record<string, string>>;

// Two come by newsletters and one by a search; then the workspace says that newsletters are Email.
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-reclassify-'));
  const data = join(folder, 'data');
  variables = { HEADWATER_DATA: data };
  let now = Date.parse('2026-03-02T10:00:00Z');
  const hw = await createHeadwater({
    database: { folder: data },
    ownHosts: ['shop.example'],
    clock: { now: () => now },
  });
  await hw.migrate();
  const load = async (url: string, referrer = ''): Promise<void> => {
    const { status } = await hw.handler(
      new Request('https://shop.example/hw/t/event', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          origin: 'https://shop.example',
          'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
        },
        body: JSON.stringify({ event_type: 'pageview', url, referrer }),
      }),
    );
    expect(status).toBe(200);
  };
  await load('https://shop.example/?utm_source=acme&utm_medium=newsletter');
  await load('https://shop.example/', 'https://www.google.com/');
  now += day;
  await load('https://shop.example/?utm_source=acme&utm_medium=newsletter');
  const newsletters = {
    name: 'newsletters',
    when: [{ field: 'utm_medium', is: ['newsletter'] }],
    set: { channel: 'Email' },
  } as const;
  orThrow(await hw.workspaces.update({ settings: { sourceRules: [newsletters] } }));
  await hw.close();
}, 60_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function channels(): Promise<Record<string, number>> {
  const window = ['--from', '2026-03-01', '--to', '2026-03-05', '--json'];
  const breakdown = ['analytics', 'breakdown', '--dimension', 'channel', '--metrics', 'sessions'];
  const { stdout } = await runCommand([...breakdown, ...window], variables);
  const { rows } = JSON.parse(stdout) as {
    rows: ReadonlyArray<{ value: string; sessions: number }>;
  };
  return Object.fromEntries(rows.map(({ value, sessions }) => [value, sessions]));
}

describe('headwater reclassify', () => {
  it('only counts in a dry run', async () => {
    const { code, stdout } = await runCommand(['reclassify', '--dry-run'], variables);
    expect(code).toBe(0);
    expect(stdout.trim()).toBe('2 of 3 touches would be classified otherwise.');
    expect(await channels()).toEqual({ Unassigned: 2, 'Organic Search': 1 });
  }, 60_000);

  it('decides about a span of time, then about the rest, and reports follow', async () => {
    const first = await runCommand(['reclassify', '--to', '2026-03-03'], variables);
    expect(first.stdout.trim()).toBe('1 of 2 touches are classified otherwise.');
    expect(await channels()).toEqual({ Unassigned: 1, 'Organic Search': 1, Email: 1 });
    const { stdout } = await runCommand(['reclassify', '--json'], variables);
    expect(JSON.parse(stdout)).toEqual({ touches: 3, changed: 1, left: 0 });
    expect(await channels()).toEqual({ 'Organic Search': 1, Email: 2 });
  }, 60_000);

  it('ends with 2 for a time that is none', async () => {
    const { code, stderr } = await runCommand(['reclassify', '--from', 'soon'], variables);
    expect(code).toBe(2);
    expect(stderr).toContain('--from must be a day or a time as in RFC 3339.');
  }, 60_000);
});
