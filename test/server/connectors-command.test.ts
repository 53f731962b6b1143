import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, it } from 'vitest';

import { openReceiver } from '../support/receiver.ts';
import { callApi, runCommand, startCommand, startServer } from './server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'headwater-connectors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const variables = {
  HEADWATER_DATA: join(folder, 'data'),
  HEADWATER_CONNECTORS_PRIVATE: 'true',
};
/** What a command prints; it must end well. */
async function run(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(args, variables);
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return stdout.trim();
}
const json = async <T>(...args: string[]) => JSON.parse(await run(...args, '--json')) as T;

it('headwater connectors and dispatches bring a sale to an endpoint, and say what became of it', async () => {
  await using endpoint = await openReceiver();
  endpoint.answer = { status: 200 };
  expect(
    await run('connectors', 'enable', 'http', '--events', 'sale', '--set', 'person=none'),
  ).toBe('HTTP endpoint: on; lacks url');
  const credentials = startCommand(['connectors', 'credentials', 'http'], variables);
  credentials.child.stdin!.end(`url=${endpoint.url}/secret-path\nauthorization=Bearer of-nobody\n`);
  const taken = await credentials.ended;
  expect([taken.code, taken.stdout]).toEqual([0, 'HTTP endpoint: on\n']);
  expect(taken.stdout + taken.stderr).not.toMatch(/secret-path|of-nobody/);

  // The server holds back what is to be sent, so that a command sends it.
  await using server = await startServer({ ...variables, HEADWATER_CONNECTORS: 'off' });
  const known = await callApi(server, server.secretKey!, 'POST', 'visitors/identify', {
    person_external_id: 'ann',
  });
  expect(known.status).toBe(200);
  const sold = await callApi(server, server.secretKey!, 'POST', 'events', {
    event_type: 'sale',
    person_external_id: 'ann',
    amount_cents: 4_950,
    currency: 'EUR',
    consent: { ads: 'granted' },
  });
  expect(sold.status).toBeLessThan(300);
  server.signal('SIGTERM');
  await server.ended;

  const [waiting] = await json<Array<{ id: string; status: string }>>('dispatches', 'list');
  expect(waiting).toMatchObject({ connector: 'http', status: 'pending', attempts: 0 });
  expect(await run('dispatches', 'deliver')).toBe('delivered 1, retried 0, failed 0, skipped 0');
  expect(endpoint.received).toMatchObject([
    {
      path: expect.stringMatching(/\/secret-path$/),
      headers: { authorization: 'Bearer of-nobody' },
    },
  ]);
  const { id } = waiting!;
  const shown = await run('dispatches', 'show', id);
  expect(shown).toMatch(/^sale \S+ to http: delivered$/m);
  expect(shown).toMatch(/delivered +200$/m);
  expect(shown).toContain('"amount_minor": 4950');
  expect(shown).not.toMatch(/secret-path|of-nobody/);
  expect(await json('dispatches', 'summary')).toEqual([
    { connector: 'http', status: 'delivered', count: 1 },
  ]);
  expect(await run('connectors', 'claims', '--last', '7')).toMatch(/^all sales +1 +49\.50 EUR/m);

  // The endpoint is gone: everything stops until somebody resumes it.
  endpoint.answer = { status: 410 };
  expect(await run('dispatches', 'replay', '--id', id)).toBe('1 are due again');
  expect(await run('dispatches', 'deliver')).toBe('delivered 0, retried 1, failed 0, skipped 0');
  const list = await run('connectors', 'list');
  expect(list).toMatch(/^http +HTTP endpoint +paused: /m);
  expect(list).toMatch(/^meta +Meta Conversions API +off *$/m);
  endpoint.answer = { status: 200 };
  expect(await run('connectors', 'resume', 'http')).toBe('HTTP endpoint: on');
  expect(await run('dispatches', 'deliver')).toBe('delivered 1, retried 0, failed 0, skipped 0');
  expect(new Set(endpoint.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);

  expect(await json('dispatches', 'reconcile', '--since', '2026-01-01')).toEqual({
    planned: { http: 0 },
  });
  expect(await run('connectors', 'disable', 'http')).toBe('HTTP endpoint: off');
}, 600_000);

it('headwater connectors and dispatches name what they cannot take', async () => {
  const refused = async (...args: string[]) => {
    const { code, stderr } = await runCommand(args, variables);
    return [code, stderr.trim()];
  };
  expect(await refused('connectors', 'enable', 'nowhere')).toEqual([
    1,
    expect.stringContaining('There is no connector "nowhere".'),
  ]);
  expect(await refused('connectors', 'enable', 'meta', '--set', 'api_version=27')).toEqual([
    2,
    expect.stringContaining('api_version'),
  ]);
  expect(await refused('dispatches', 'list', '--status', 'lost')).toEqual([
    2,
    expect.stringContaining('status must be one of'),
  ]);
  const credentials = startCommand(['connectors', 'credentials', 'meta'], variables);
  credentials.child.stdin!.end('a-secret-without-its-name\n');
  const wrong = await credentials.ended;
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('name=value')]);
  expect(wrong.stderr).not.toContain('a-secret');
}, 180_000);
