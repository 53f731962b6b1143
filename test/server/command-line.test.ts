import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { runCommand } from './server-process.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-command-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('headwater', () => {
  it.each([
    [
      '',
      ['serve', 'migrate', 'import', 'keys', 'geo', 'attribution', 'explain', 'rebuild', 'doctor'],
    ],
    ['serve', ['--port', '--host', '--data', '--json']],
    ['migrate', ['--print', '--json']],
    ['import', ['access-log', 'events']],
    [
      'import access-log',
      ['--site', '--since', '--until', '--from-line', '--dry-run', '<file...>'],
    ],
    ['import events', ['--format', '--map', '--delimiter', '--dry-run', '--workspace']],
    ['keys', ['list', 'create', 'rotate', 'revoke']],
    ['keys create', ['--kind', '--name', '--scope', '--host', '--expires']],
    ['keys rotate', ['--grace', '<id>']],
    ['keys revoke', ['<id>']],
    ['geo download', ['--edition', '--to', '--account-id', '--license-key', '--from', '--force']],
    ['explain', ['--url', '--referrer', '--user-agent', '--json', 'conversion']],
    ['attribution', ['report', 'paths', 'credits', 'visitor', 'models', 'model']],
    ['rebuild', ['--workspace', '--json']],
    ['doctor', ['--json']],
  ])('explains %j with --help and opens nothing', async (command, words) => {
    const data = join(folder, 'never');
    const result = await runCommand(
      [...command.split(' ').filter((word) => word !== ''), '--help'],
      { HEADWATER_DATA: data },
    );
    expect(result.code).toBe(0);
    expect(result.stderr).toBe('');
    for (const word of words) expect(result.stdout).toContain(word);
    expect(existsSync(data)).toBe(false);
  });

  it.each([
    [['frobnicate']],
    [['serve', '--frobnicate']],
    [['keys', 'create']],
    [['keys', 'create', '--name', 'x', '--kind', 'golden']],
    [['keys', 'create', '--name', 'x', '--expires', 'soon']],
    [['keys', 'rotate']],
    [['explain']],
    [['explain', '--referrer', 'https://t.co/x']],
    [['doctor', 'more']],
    [['import']],
    [['import', 'access-log']],
    [['import', 'access-log', '--from-line', '0', 'x.log']],
    [['import', 'events', '--format', 'xlsx', 'x']],
  ])('ends with 2 for %j', async (args) => {
    const result = await runCommand(args, { HEADWATER_DATA: join(folder, 'never') });
    expect(result.code).toBe(2);
    expect(result.stdout).toBe('');
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });

  it('lists every wrong setting at once, without its value', async () => {
    const result = await runCommand(['serve'], {
      PORT: 'many',
      DATABASE_URL: 'mysql://root:hunter2@x/y',
      HEADWATER_BASE_PATH: 'x',
    });
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/PORT: .*\n.*DATABASE_URL: .*\n.*HEADWATER_BASE_PATH: /);
    expect(result.stderr).not.toContain('hunter2');
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });

  it('prints the SQL of the schema without a database', async () => {
    const result = await runCommand(['migrate', '--print'], {
      DATABASE_URL: 'postgres://127.0.0.1:1/x',
    });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(/^begin;[\s\S]*create table "headwater"\.link[\s\S]*commit;\n$/);
  });

  it('prints the SQL that distributes the tables, without a cluster', async () => {
    const result = await runCommand(['migrate', '--print', '--distribute']);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toContain(
      `select create_distributed_table('"headwater"."event"', 'workspace_id', colocate_with => '"headwater"."link"');`,
    );
  });

  it('explains an arrival without a database', async () => {
    const data = join(folder, 'never');
    const variables = {
      DATABASE_URL: 'postgres://127.0.0.1:1/x',
      HEADWATER_SECRET: 'x'.repeat(32),
      HEADWATER_DATA: data,
      HEADWATER_OWN_HOSTS: 'shop.example',
    };
    const url = 'https://shop.example/pricing?utm_campaign=spring';
    const explain = (...more: string[]) =>
      runCommand(['explain', '--url', url, ...more], variables);
    const google = await explain('--referrer', 'https://www.google.de/', '--json');
    expect(google).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(google.stdout)).toMatchObject({
      source: { source: 'google', campaign: 'spring', channel: 'Organic Search', rule: 'utm' },
      rules: expect.arrayContaining([
        expect.objectContaining({ rule: 'listed_host', outcome: 'added' }),
      ]),
      channels: expect.arrayContaining([
        expect.objectContaining({ channel: 'Organic Search', matched: true }),
      ]),
    });
    const own = await explain(
      '--referrer',
      'https://blog.shop.example/',
      '--user-agent',
      'Mozilla',
    );
    expect(own).toMatchObject({ code: 0, stderr: '' });
    expect(own.stdout).toMatch(/^kind +internal$/m);
    expect(own.stdout).toMatch(/^own_host +decided /m);
    expect(existsSync(data)).toBe(false);
  });

  it('says in one line that the database cannot be reached, without its password', async () => {
    const variables = {
      DATABASE_URL: 'postgres://user:hunter2@127.0.0.1:1/x',
      HEADWATER_SECRET: 'x'.repeat(32),
      HEADWATER_DATA: join(folder, 'unreached'),
    };
    const result = await runCommand(['keys', 'list'], variables);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^headwater: The database cannot be reached: .+\n$/);
    expect(result.stderr).not.toContain('hunter2');
    const doctor = await runCommand(['doctor', '--json'], variables);
    expect(doctor.code).toBe(1);
    expect(JSON.parse(doctor.stdout)).toMatchObject({
      ok: false,
      checks: expect.arrayContaining([
        expect.objectContaining({ check: 'database', state: 'failed' }),
      ]),
    });
  });

  it(
    'rebuilds what follows from the events, and says that nothing was wrong',
    { timeout: 90_000 },
    async () => {
      const variables = { HEADWATER_DATA: join(folder, 'rebuilt') };
      const rebuilt = await runCommand(['rebuild', '--json'], variables);
      expect(JSON.parse(rebuilt.stdout)).toMatchObject({
        people: 0,
        is_complete: true,
        changed: { visits: 0, touches: 0, links: 0 },
      });
      const unknown = await runCommand(['rebuild', '--workspace', 'nobody'], variables);
      expect(unknown).toMatchObject({ code: 2, stdout: '' });
    },
  );

  it('makes and ends invitations, and makes referral codes', { timeout: 90_000 }, async () => {
    const variables = { HEADWATER_DATA: join(folder, 'invitations') };
    const run = async (...args: string[]): Promise<unknown> => {
      const { code, stdout, stderr } = await runCommand([...args, '--json'], variables);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      return JSON.parse(stdout);
    };
    const url = 'https://example.com/signup?ref=mail';
    const create = ['--name', 'Press', '--uses', '2', '--url', url];
    const made = (await run('invitations', 'create', ...create)) as { id: string; token: string };
    expect(made).toMatchObject({
      name: 'Press',
      uses_max: 2,
      url: `https://example.com/signup?ref=mail&invitation_token=${made.token}`,
    });
    expect(await run('invitations', 'archive', made.id)).toMatchObject({ id: made.id });
    expect(await run('invitations', 'cleanup', '--days', '0')).toEqual({ archived: 0 });
    const code = (await run('codes', 'create', '--code', 'friends')) as { id: string };
    expect(code).toMatchObject({ code: 'FRIENDS', uses_max: 100 });
    expect(await run('codes', 'stats', code.id)).toMatchObject({ total_uses: 0 });
    const signed = ['invitations', 'create', '--token', 'abc', '--sign'];
    expect(await runCommand(signed, variables)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing can be signed'),
    });
  });

  it('makes and ends rules of rewards, and exports the ledger', { timeout: 180_000 }, async () => {
    const variables = { HEADWATER_DATA: join(folder, 'rewards') };
    const run = async (...args: string[]): Promise<unknown> => {
      const { code, stdout, stderr } = await runCommand([...args, '--json'], variables);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      return JSON.parse(stdout);
    };
    const terms = ['--referrer', '20%', '--referee', '500 USD', '--hold', '30', '--every'];
    const rule = (await run('codes', 'add-rule', '--name', 'F', '--on', 'payment', ...terms)) as {
      id: string;
    };
    expect(rule).toMatchObject({
      referrer: { percent: 20 },
      referee: { amount: 500, unit: 'USD' },
      hold_days: 30,
      times_max: null,
    });
    expect(await run('codes', 'rules')).toMatchObject([{ id: rule.id, version: 1 }]);
    expect(await run('codes', 'balance', 'user_1')).toEqual([]);
    expect(await run('codes', 'end-rule', rule.id)).toMatchObject({ version: 2 });
    const ledger = await runCommand(['codes', 'ledger', '--format', 'csv'], variables);
    expect(ledger).toMatchObject({ code: 0, stdout: expect.stringMatching(/^id,account_type/) });
    const unreadable = ['codes', 'add-rule', '--name', 'F', '--on', 'payment', '--referrer', '5'];
    expect(await runCommand(unreadable, variables)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--referrer: a percentage such as 20%'),
    });
  });

  it('manages keys and looks after an embedded database', { timeout: 90_000 }, async () => {
    const variables = { HEADWATER_DATA: join(folder, 'data') };
    const run = async (...args: string[]) => {
      const result = await runCommand([...args, '--json'], variables);
      expect(result).toMatchObject({ code: 0, stderr: '' });
      return JSON.parse(result.stdout) as Record<string, unknown>;
    };
    expect(await run('migrate')).toMatchObject({ applied: expect.arrayContaining(['foundation']) });
    const spread = await runCommand(['migrate', '--distribute'], variables);
    expect(spread).toMatchObject({ code: 1, stdout: '' });
    expect(spread.stderr).toMatch(/^headwater: The tables cannot be distributed: .*"citus"/);

    const created = await run(
      'keys',
      'create',
      '--kind',
      'publishable',
      '--name',
      'Shop',
      '--host',
      'shop.example',
      '--expires',
      '90d',
    );
    expect(created).toMatchObject({
      key: expect.stringMatching(/^hw_pk_/),
      kind: 'publishable',
      allowed_hosts: ['shop.example'],
    });
    const rotated = await run('keys', 'rotate', String(created['id']), '--grace', '1');
    expect(rotated).toMatchObject({
      key: expect.stringMatching(/^hw_pk_/),
      replaces_id: created['id'],
    });
    expect(await run('keys', 'revoke', String(created['id']))).toMatchObject({
      revoked_at: expect.any(String),
    });
    const keys = await run('keys', 'list');
    expect(keys).toEqual([
      expect.objectContaining({ id: rotated['id'], revoked_at: null }),
      expect.objectContaining({ id: created['id'] }),
    ]);
    expect(JSON.stringify(keys)).not.toContain(String(rotated['key']));

    const table = await runCommand(['keys', 'list'], variables);
    expect(table.stdout).toMatch(
      /^id .* state\n[0-9a-f-]{36} .* valid until .*\n[0-9a-f-]{36} .* revoked\n$/,
    );
    const unknown = await runCommand(
      ['keys', 'revoke', '0199d1f4-7b1c-7000-8000-0123456789ab'],
      variables,
    );
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    const wrong = await runCommand(
      ['keys', 'create', '--name', 'x', '--host', 'shop.example'],
      variables,
    );
    expect(wrong).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('belong to publishable keys'),
    });

    expect(await run('privacy', 'statement')).toMatchObject({ rules: { preset: 'standard' } });
    const nobody = ['--email', 'nobody@example.com'];
    for (const command of ['export', 'forget'])
      expect(await runCommand(['privacy', command, ...nobody], variables)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Nobody is known by this'),
      });
    expect(await runCommand(['privacy', 'forget'], variables)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('name the person by one of --visitor'),
    });
    expect(await run('privacy', 'lift', ...nobody)).toEqual({ kinds: [] });

    const doctor = await run('doctor');
    expect(doctor).toMatchObject({ ok: true });
    expect((doctor['checks'] as { check: string }[]).map(({ check }) => check)).toEqual([
      'data folder',
      'secret',
      'spool',
      'places',
      'database',
      'schema',
      'partitions',
      'retention',
      'size',
    ]);
  });
});
