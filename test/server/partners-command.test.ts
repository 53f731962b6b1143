import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, it } from 'vitest';

import { callApi, runCommand, startServer } from './server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'headwater-partners-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const variables = { HEADWATER_DATA: join(folder, 'data') };
const run = (...args: string[]) => runCommand(['partners', ...args], variables);

/** What a command prints as JSON. */
async function read<Body>(...args: string[]): Promise<Body> {
  const { code, stdout, stderr } = await run(...args, '--json');
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('rror')]);
  return JSON.parse(stdout) as Body;
}

function writeProgram(name: string, percent: number): string {
  const file = join(folder, `${name}.json`);
  const rules = [{ name: 'sales', trigger: 'sale', percent, times_max: null }];
  writeFileSync(file, JSON.stringify({ name: 'Friends', rules }));
  return file;
}

interface Named {
  readonly id: string;
}

it('headwater partners makes programme and partner, simulates a draft, decides, pays out and takes back what failed', async () => {
  const key = await takeKey();
  const program = await read<Named>('program', writeProgram('friends', 20));
  const partner = await read<Named & { group: string }>(
    'create',
    '--key=ada',
    '--name=Ada',
    `--program=${program.id}`,
    '--group=gold',
  );
  expect(partner).toMatchObject({ key: 'ada', group: 'gold', status: 'active' });
  await sell(key, partner.id);

  const period = ['--from', '2020-01-01', '--to', '2100-01-01'];
  const row = { partner_id: partner.id, unit: 'USD', commissions: 1, actual: 2_000 };
  const draft = writeProgram('draft', 50);
  expect(await read('simulate', program.id, ...period, '--file', draft)).toEqual([
    { ...row, simulated: 5_000 },
  ]);
  expect((await run('simulate', program.id, '--from', 'soon', '--to', 'later')).code).toBe(2);

  const [commission] = await read<Named[]>('commissions', '--partner', partner.id);
  expect(await read('reject', commission!.id, '--note', 'a colleague')).toMatchObject({ net: 0 });
  expect(await read('approve', commission!.id)).toMatchObject({ net: 2_000 });
  const batch = await read<Named & { payouts: Named[] }>('pay', '--unit', 'USD');
  expect((await run('payouts', batch.id)).stdout).toContain(',ada,Ada,,,USD,20.00,2000,pending,');
  const [payout] = batch.payouts;
  expect((await run('failed', payout!.id)).stdout.trim()).toBe(`Done: ${payout!.id} is failed.`);
  expect((await run('show', 'ada')).stdout).toContain('20.00 available, 0.00 paid');

  expect((await run('archive', partner.id)).code).toBe(0);
  expect((await run('list')).stdout.trim()).toBe('There are no partners.');
}, 300_000);

/** A sale of a customer whom the partner has brought, told to a server over HTTP. */
async function sell(key: string, partnerId: string): Promise<void> {
  await using server = await startServer(variables);
  await callApi(server, key, 'POST', 'visitors/identify', { person_external_id: 'c1' });
  const { status } = await callApi(server, key, 'POST', 'events', {
    event_type: 'sale',
    amount_cents: 10_000,
    currency: 'USD',
    person_external_id: 'c1',
    partner_id: partnerId,
  });
  expect(status).toBe(201);
  server.signal('SIGTERM');
  await server.ended;
}

async function takeKey(): Promise<string> {
  await using server = await startServer(variables);
  server.signal('SIGTERM');
  await server.ended;
  return server.secretKey!;
}
