import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createPostgresDatabase } from '../support/postgres.ts';
import type { PostgresDatabase } from '../support/postgres.ts';
import { eventually, runCommand, startCommand } from './server-process.ts';
import type { Variables } from './server-process.ts';

const browser = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0';
const crawler = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';

let folder: string;
let database: PostgresDatabase;
let pool: pg.Pool;
let variables: Variables;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-import-'));
  database = await createPostgresDatabase();
  pool = new pg.Pool({ connectionString: database.url });
  variables = {
    HEADWATER_DATA: join(folder, 'data'),
    DATABASE_URL: database.url,
    HEADWATER_SECRET: 'a secret of the tests that is long enough',
    LOG_LEVEL: 'warn',
  };
});

afterAll(async () => {
  await pool.end();
  await database[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function line(second: number, target: string, userAgent: string, address = '203.0.113.9'): string {
  const time = new Date(Date.UTC(2015, 4, 17, 10) + second * 1_000).toISOString().slice(11, 19);
  return `${address} - - [17/May/2015:${time} +0000] "GET ${target} HTTP/1.1" 200 17 "https://news.example/" "${userAgent}"`;
}

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function importLog(...args: string[]) {
  const result = await runCommand(['import', 'access-log', '--json', ...args], variables);
  const reports = result.stdout
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text) as Record<string, unknown>);
  return { ...result, reports };
}

describe('headwater explain log', () => {
  it('says how people arrive, and writes nothing', async () => {
    const log = write('explained.log', `${line(0, '/', browser)}\n${line(1, '/', crawler)}\n`);
    const explain = ['explain', 'log', '--site', 'https://shop.example', log];
    const { stdout } = await runCommand(explain, variables);
    expect(stdout).toMatch(/^ +1 +Referral +news\.example +referral +referrer\.unlisted/m);
    const json = await runCommand([...explain, '--json'], variables);
    expect(JSON.parse(json.stdout)).toMatchObject({
      pageviews: 1,
      machines: 1,
      arrivals: [{ referrer_host: 'news.example', channel: 'Referral', pageviews: 1 }],
    });
    expect(await runCommand(['explain', 'log', '/nowhere.log'], variables)).toMatchObject({
      code: 1,
    });
  }, 60_000);
});

describe('headwater import access-log', () => {
  it('imports packed and plain files, and adds nothing in a second run', async () => {
    const first = write(
      'access.log.1.gz',
      gzipSync(`${line(0, '/', browser)}\n${line(1, '/logo.png', browser)}\n`),
    );
    const second = write(
      'access.log',
      `${line(9, '/pricing', browser)}\n${line(9, '/', crawler)}\noops\n`,
    );
    const run = await importLog('--site', 'https://shop.example', first, second);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.reports).toMatchObject([
      { file: 'access.log.1.gz', lines: 2, pageviews: { imported: 1 }, assets: 1, new_people: 1 },
      {
        file: 'access.log',
        lines: 3,
        pageviews: { imported: 1 },
        machines: { imported: 1 },
        machines_by_name: { Googlebot: 1 },
        referrers: { 'news.example': 1 },
        rejected_lines: [{ line: 3, code: 'no_time' }],
        new_people: 0,
      },
    ]);
    const again = await importLog(first, second);
    expect(again.reports).toMatchObject([
      { pageviews: { imported: 0, already_there: 1 } },
      { pageviews: { imported: 0, already_there: 1 }, machines: { imported: 0 }, rejected: 1 },
    ]);
  });

  it('prints what people read', async () => {
    const path = write('people.log', `${line(0, '/people', browser)}\n${line(1, '/', crawler)}\n`);
    const { stdout, code } = await runCommand(['import', 'access-log', path], variables);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^people\.log\nfrom 2015-05-17 10:00:00 UTC to 2015-05-17 10:00:01 UTC\n/,
    );
    expect(stdout).toMatch(/^page views +1 +1 +0$/m);
    expect(stdout).toMatch(/^Googlebot +1$/m);
    expect(stdout).toMatch(/^news\.example +1$/m);
  });

  it('writes nothing in a dry run', async () => {
    const path = write('dry.log', `${line(70, '/dry', browser)}\n`);
    const dry = await importLog('--dry-run', path);
    expect(dry.reports).toMatchObject([{ dry_run: true, pageviews: { lines: 1, imported: 0 } }]);
    expect((await importLog(path)).reports).toMatchObject([{ pageviews: { imported: 1 } }]);
  });

  it('reads a pipe, and goes on behind the line at which a signal has stopped it', async () => {
    const count = (target: string) =>
      pool
        .query<{ count: string }>('select count(*) from headwater.event where url like $1', [
          target,
        ])
        .then(({ rows }) => Number(rows[0]!.count));
    const lines = Array.from({ length: 3_000 }, (_, index) =>
      line(index, `/piped/${index}`, browser, `198.51.100.${index % 200}`),
    );
    const { child, ended } = startCommand(['import', 'access-log', '--json', '-'], variables);
    child.stdin!.write(`${lines.slice(0, 2_500).join('\n')}\n`);
    await eventually('a batch is imported', async () => (await count('%/piped/%')) >= 500);
    child.kill('SIGINT');
    const stopped = await ended;
    expect(stopped.code).toBe(130);
    const report = JSON.parse(stopped.stdout) as { next_line: number; pageviews: unknown };
    const read = report.next_line - 1;
    expect(report).toMatchObject({
      ended: 'stopped',
      pageviews: { lines: read, imported: read, already_there: 0 },
    });
    expect(stopped.stderr).toContain(`--from-line ${report.next_line}`);
    expect(await count('%/piped/%')).toBe(read);

    const path = write('piped.log', lines.join('\n'));
    const rest = await importLog('--from-line', String(report.next_line), path);
    expect(rest.reports).toMatchObject([
      { skipped: read, pageviews: { imported: 3_000 - read, already_there: 0 } },
    ]);
    expect(await count('%/piped/%')).toBe(3_000);
  });

  describe.each(['embedded', 'PostgreSQL'])('killed on the %s database', (size) => {
    it('goes on with the same command, and every line counts once', async () => {
      const isEmbedded = size === 'embedded';
      const data = join(folder, 'killed');
      const here: Variables = isEmbedded ? { HEADWATER_DATA: data, LOG_LEVEL: 'warn' } : variables;
      const lines = Array.from({ length: 3_000 }, (_, index) =>
        line(index, `/killed/${index}`, browser, `198.51.100.${index % 200}`),
      );
      const path = write('killed.log', lines.join('\n'));
      const command = ['import', 'access-log', '--json', '--site', 'https://killed.example'];
      const count = async (): Promise<number> => {
        const { rows } = await pool.query<{ count: string }>(
          "select count(*) from headwater.event where url like '%/killed/%'",
        );
        return Number(rows[0]!.count);
      };
      await runCommand(['migrate'], here);
      const { child, ended } = startCommand([...command, '-'], here);
      child.stdin!.on('error', () => undefined);
      child.stdin!.write(`${lines.slice(0, 2_500).join('\n')}\n`);
      // Nobody else can look into the embedded database: wherever it is by then.
      if (isEmbedded) await new Promise((resolve) => setTimeout(resolve, 6_000));
      else await eventually('a batch is imported', async () => (await count()) > 0);
      child.kill('SIGKILL');
      expect(await ended).toMatchObject({ code: null, stdout: '' });

      const run = async () => {
        const { stdout } = await runCommand([...command, path], here);
        return (JSON.parse(stdout) as { pageviews: Record<string, number> }).pageviews;
      };
      const rest = await run();
      expect(rest['imported']! + rest['already_there']!).toBe(3_000);
      expect(await run()).toEqual({ lines: 3_000, imported: 0, already_there: 3_000 });
      if (isEmbedded) return;
      expect(rest['already_there']).toBeGreaterThan(0);
      expect(await count()).toBe(3_000);
    }, 120_000);
  });

  it('ends with a code that scripts can use', async () => {
    const nothing = await importLog(write('words.txt', 'no line of a log\n'));
    expect(nothing.code).toBe(1);
    expect(nothing.stderr).toContain('none of the 1 lines of words.txt is one of an access log');
    const cut = await importLog(
      write('cut.gz', gzipSync(`${line(80, '/cut', browser)}\n`).subarray(0, -4)),
    );
    expect(cut.code).toBe(1);
    expect(cut.stderr).toContain('cut.gz is cut off or damaged behind line 1');
    expect(cut.reports).toMatchObject([{ ended: 'cut_off', pageviews: { imported: 1 } }]);
    const nowhere = await importLog(join(folder, 'nowhere.log'));
    expect(nowhere.code).toBe(1);
    expect(nowhere.stderr).toContain(`there is no file ${join(folder, 'nowhere.log')}`);
    expect((await importLog(folder)).code).toBe(2);
    expect((await importLog('--site', 'shop', join(folder, 'access.log'))).code).toBe(2);
    expect((await importLog('--since', 'soon', join(folder, 'access.log'))).code).toBe(2);
    expect((await importLog('--workspace', 'nobody', join(folder, 'access.log'))).code).toBe(2);
    expect((await importLog('--workspace', 'default', join(folder, 'access.log'))).code).toBe(0);
  });
});

describe('headwater import events', () => {
  const map = {
    event_type: 'event',
    occurred_at: 'time',
    person_external_id: 'user',
    amount: 'total',
  };

  it('imports rows by a mapping, and names every rejected one', async () => {
    const mapping = write('map.json', JSON.stringify(map));
    const csv = write(
      'orders.csv',
      'event,time,user,total\nsale,2024-05-01,u1,49.90\nsale,soon,u1,x\nlead,2024-05-01,u2,\n',
    );
    const run = await runCommand(['import', 'events', '--json', '--map', mapping, csv], variables);
    expect(run.code).toBe(1);
    expect(JSON.parse(run.stdout)).toMatchObject({ imported: 2, rejected: 1, new_people: 2 });
    expect(run.stderr).toContain('orders.csv:3: occurred_at must be a time');
    expect(run.stderr).toContain('orders.csv:3: amount must be an amount');
    expect(run.stderr).toContain('1 row was rejected');
    const again = await runCommand(
      ['import', 'events', '--json', '--map', mapping, csv],
      variables,
    );
    expect(JSON.parse(again.stdout)).toMatchObject({ imported: 0, already_there: 2 });
  });

  it('shows in a dry run what would be imported', async () => {
    const mapping = write('dry.json', JSON.stringify({ ...map, amount: { value: '5' } }));
    const ndjson = write('dry.ndjson', '{"event":"sale","time":"2024-05-01","user":"u7"}\n');
    const run = await runCommand(
      ['import', 'events', '--dry-run', '--map', mapping, ndjson],
      variables,
    );
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain('importable     1');
    expect(run.stdout).toContain(
      '{"event_type":"sale","occurred_at":"2024-05-01T00:00:00.000Z","person_external_id":"u7","amount_cents":500,"currency":"USD"}',
    );
  });

  it('says of a dry run what would be rejected, and of nothing that it was imported', async () => {
    const csv = write(
      'dry.csv',
      'event_type,occurred_at,person_external_id\nlead,,u8\nlead,2024-05-01,u8\n',
    );
    const run = await runCommand(['import', 'events', '--dry-run', csv], variables);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('dry.csv:2: occurred_at must not be empty');
    expect(run.stderr).toContain('1 row would be rejected\n');
  });

  it('refuses a mapping that cannot work before it reads a row', async () => {
    const mapping = write('bad.json', JSON.stringify({ event_type: 'event', colour: 'x' }));
    const run = await runCommand(
      ['import', 'events', '--map', mapping, join(folder, 'orders.csv')],
      variables,
    );
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/map\.colour is no field[\s\S]*map\.occurred_at is required/);
    const text = write('words.json', 'no JSON');
    const words = ['import', 'events', '--map', text, join(folder, 'orders.csv')];
    expect(await runCommand(words, variables)).toMatchObject({ code: 2, stdout: '' });
    expect(await runCommand(['import', 'events', text], variables)).toMatchObject({ code: 2 });
    expect(readFileSync(text, 'utf8')).toBe('no JSON');
  });
});

describe('headwater import usher and phoenix-kit', () => {
  it('takes in the tables of a database, and adds nothing in a second run', async () => {
    await pool.query(`
      create table usher_invitations (id uuid primary key, token varchar not null, name varchar, expires_at timestamp(0),
        custom_attributes jsonb, inserted_at timestamp not null, updated_at timestamp not null);
      create table usher_invitation_usages (id uuid primary key, invitation_id uuid not null, entity_type varchar not null,
        entity_id varchar not null, action varchar not null, metadata jsonb not null, inserted_at timestamp not null,
        updated_at timestamp not null);
      insert into usher_invitations values ('11111111-1111-4111-8111-111111111111', 'sent-token', 'Team', null, null,
        '2024-01-01', '2024-01-01');
      insert into usher_invitation_usages values ('22222222-2222-4222-8222-222222222222',
        '11111111-1111-4111-8111-111111111111', 'user', 'u1', 'visited', '{}', '2024-01-02', '2024-01-02');`);
    const args = ['import', 'usher', '--json', '--from', database.url];
    const dry = await runCommand([...args, '--dry-run'], variables);
    expect([dry.code, JSON.parse(dry.stdout)]).toMatchObject([
      0,
      { dry_run: true, invitations: { rows: 1, importable: 1 }, usages: { importable: 1 } },
    ]);
    for (const imported of [1, 0]) {
      const run = await runCommand(args, variables);
      const counts = { rows: 1, imported, already_there: 1 - imported, rejected: 0 };
      expect([run.code, JSON.parse(run.stdout)]).toMatchObject([
        0,
        { invitations: counts, usages: counts },
      ]);
    }
  });

  it('takes in dumps, names what is wrong with a row, and ends with 1', async () => {
    const codes = write(
      'codes.csv',
      'uuid,code,description,status,number_of_uses,max_uses,created_by_uuid,beneficiary_uuid,date_created,expiration_date\n' +
        'c1,WELCOME,Spring,t,1,5,,,2024-01-01 00:00:00,\nc2,X,,t,0,5,,,2024-01-01 00:00:00,\n',
    );
    const usages = write(
      'usages.ndjson',
      '{"uuid":"r1","code_uuid":"c1","used_by_uuid":"u1","date_used":"2024-01-02T00:00:00Z"}\n',
    );
    const args = ['import', 'phoenix-kit', '--codes', codes, '--usages', usages];
    const run = await runCommand(args, variables);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('codes:3: code must have 3 to 50 characters');
    expect(run.stdout).toMatch(/codes +2 +1 +0 +1/);
    expect(run.stdout).toMatch(/usages +1 +1 +0 +0/);
    const nothing = await runCommand(['import', 'usher'], variables);
    expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining('--from')]);
  });
});
