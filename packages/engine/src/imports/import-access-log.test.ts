import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext, TestDatabaseSize } from '../../../../test/support/context.ts';
import { orThrow } from '../kernel/result.ts';
import { createWorkspace } from '../workspaces/create-workspace.ts';
import { updateWorkspace } from '../workspaces/update-workspace.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { AccessLogOptions } from './access-log-options.ts';
import type { AccessLogReport } from './access-log-report.ts';
import { importAccessLog } from './import-access-log.ts';

const browser =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36';
const crawler = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';

interface Request {
  readonly address?: string;
  readonly seconds?: number;
  readonly method?: string;
  readonly target?: string;
  readonly status?: number;
  readonly referrer?: string;
  readonly userAgent?: string;
}

/** A line of the combined format, so many seconds after 17 May 2015, 10:00 UTC. */
function line(request: Request = {}): string {
  const time = new Date(Date.UTC(2015, 4, 17, 10) + (request.seconds ?? 0) * 1_000).toISOString();
  const day = `${time.slice(8, 10)}/May/${time.slice(0, 4)}:${time.slice(11, 19)} +0000`;
  return (
    `${request.address ?? '203.0.113.9'} - - [${day}] ` +
    `"${request.method ?? 'GET'} ${request.target ?? '/'} HTTP/1.1" ${request.status ?? 200} 17 ` +
    `"${request.referrer ?? '-'}" "${request.userAgent ?? browser}"`
  );
}

async function* streamOf(lines: readonly string[], chunkBytes = 4_096) {
  const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
  for (let start = 0; start < bytes.length; start += chunkBytes)
    yield bytes.subarray(start, start + chunkBytes);
}

/** Visits of people, machines and everything that is neither; more of it than fits in one batch. */
function mixedLog(visits: number): string[] {
  const lines: string[] = [];
  for (let visit = 0; visit < visits; visit += 1) {
    const address = `198.51.${100 + (visit % 3)}.${visit % 200}`;
    const seconds = visit * 40;
    const landing = { address, seconds, target: '/pricing', referrer: 'https://news.example/a' };
    lines.push(line(landing));
    lines.push(
      line({ address, seconds, target: '/logo.png', referrer: 'https://shop.example/pricing' }),
    );
    lines.push(
      line({
        address,
        seconds: seconds + 5,
        target: '/signup',
        referrer: 'https://shop.example/pricing',
      }),
    );
    lines.push(
      line({ address: '66.249.64.1', seconds, target: `/page/${visit}`, userAgent: crawler }),
    );
    if (visit % 10 === 0)
      lines.push(line({ seconds, method: 'POST' }), line({ seconds, status: 404 }));
    if (visit % 25 === 0) lines.push('cut off before it en');
  }
  return lines;
}

let context: TestContext;
let workspace: Workspace;

/** One database for a suite, and a workspace of its own for each test. */
function open(size: TestDatabaseSize): void {
  let tests = 0;
  beforeAll(async () => {
    context = await openTestContext(size);
  });
  beforeEach(async () => {
    workspace = orThrow(await createWorkspace(context, { name: `Test ${(tests += 1)}` }));
  });
  afterAll(() => context[Symbol.asyncDispose]());
}

async function run(
  input: readonly string[] | AsyncIterable<Uint8Array>,
  options: AccessLogOptions = {},
): Promise<AccessLogReport> {
  const stream = Symbol.asyncIterator in input ? input : streamOf(input);
  return orThrow(await importAccessLog(context, workspace, stream, options));
}

const events = () =>
  context.database.db
    .selectFrom('event')
    .selectAll()
    .where('workspace_id', '=', workspace.id)
    .orderBy('occurred_at')
    .orderBy('url')
    .execute();
const visitors = () =>
  context.database.db
    .selectFrom('visitor')
    .selectAll()
    .where('workspace_id', '=', workspace.id)
    .execute();
const identities = () =>
  context.database.db
    .selectFrom('identity')
    .selectAll()
    .where('workspace_id', '=', workspace.id)
    .execute();
const touches = () =>
  context.database.db
    .selectFrom('touch')
    .selectAll()
    .where('workspace_id', '=', workspace.id)
    .orderBy('occurred_at')
    .execute();

/** What an import leaves behind, without what is different each time. */
async function rows(): Promise<unknown> {
  const sessions = await context.database.db
    .selectFrom('session')
    .select(['started_at', 'last_event_at', 'events', 'pageviews', 'entry_url', 'exit_url'])
    .where('workspace_id', '=', workspace.id)
    .orderBy('started_at')
    .orderBy('entry_url')
    .execute();
  return {
    events: (await events()).map(({ url, occurred_at: at, machine }) => [at, url, machine]),
    people: (await visitors()).length,
    touches: (await touches()).map((touch) => [touch.occurred_at, touch.kind, touch.source]),
    sessions,
  };
}

describe.each(testDatabaseSizes)('importAccessLog on %s', (size) => {
  open(size);

  it('counts every line once, and records pages of people and of machines', async () => {
    const report = await run([
      line({ referrer: 'https://www.google.com/' }),
      line({ seconds: 9, target: '/pricing', referrer: 'https://shop.example/' }),
      line({ address: '198.51.100.7', target: '/pricing', referrer: 'https://news.example/a?b' }),
      line({ target: '/logo.png' }),
      line({ target: '/missing.css', status: 404 }),
      line({ method: 'HEAD' }),
      line({ status: 301 }),
      line({ status: 404 }),
      line({ status: 404 }),
      line({ target: '/pricing', userAgent: crawler }),
      line({ target: '/robots.txt', userAgent: crawler }),
      line({ userAgent: '-' }),
      'no line of a log',
      '',
    ]);
    expect(report).toMatchObject({
      ended: 'complete',
      lines: 14,
      pageviews: { lines: 3, imported: 3, alreadyThere: 0 },
      machines: { lines: 3, imported: 2, alreadyThere: 0, notPages: 1 },
      assets: 2,
      others: 4,
      rejected: 2,
      newPeople: 2,
      machinesByName: [
        { name: 'Googlebot', count: 2 },
        { name: 'unnamed', count: 1 },
      ],
      othersByReason: [
        { name: '404', count: 2 },
        { name: '301', count: 1 },
        { name: 'HEAD', count: 1 },
      ],
      rejectedLines: [
        { line: 13, code: 'no_time', message: expect.stringContaining('has no time') },
        { line: 14, code: 'empty', message: 'is empty' },
      ],
      nextLine: 15,
    });
    const written = await events();
    expect(written).toHaveLength(5);
    expect(written.filter((event) => event.machine === null)).toHaveLength(3);
    expect(new Set(written.map((event) => `${event.type} ${event.origin}`))).toEqual(
      new Set(['pageview import']),
    );
    expect(await visitors()).toHaveLength(2);
  });

  it('keeps no token of an invitation that stands in an address', async () => {
    const target = '/signup?invitation_token=let-me-in&utm_source=mail';
    await run([line({ target }), line({ seconds: 5, referrer: `https://shop.example${target}` })], {
      site: 'https://shop.example',
    });
    const kept = await events();
    expect(kept.map(({ url, referrer }) => [url, referrer])).toEqual([
      ['https://shop.example/signup?utm_source=mail', null],
      ['https://shop.example/', 'https://shop.example/signup?utm_source=mail'],
    ]);
  });

  it('adds nothing in a second run', async () => {
    const log = mixedLog(300);
    const first = await run(log);
    const before = await rows();
    const second = await run(log);
    expect(second).toEqual({
      ...first,
      pageviews: { lines: 600, imported: 0, alreadyThere: 600 },
      machines: { ...first.machines, imported: 0, alreadyThere: first.machines.imported },
      newPeople: 0,
    });
    expect(await rows()).toEqual(before);
  });

  it('gives the sum of all lines, whatever is chosen of them', async () => {
    const log = mixedLog(60);
    for (const options of [
      {},
      { dryRun: true },
      { fromLine: 100 },
      { since: new Date('2015-05-17T10:10:00Z'), until: new Date('2015-05-17T10:20:00Z') },
    ]) {
      const report = await run(log, options);
      expect(report.lines).toBe(log.length);
      expect(
        report.skipped +
          report.outside +
          report.pageviews.lines +
          report.machines.lines +
          report.assets +
          report.others +
          report.rejected,
      ).toBe(log.length);
    }
  });

  it('writes the same when it is stopped and goes on as when it runs through', async () => {
    const log = mixedLog(400);
    const controller = new AbortController();
    const options = { signal: controller.signal, site: 'https://shop.example' };
    const stopped = await run(streamOf(log), {
      ...options,
      onProgress: ({ lines }) => {
        if (lines > 900) controller.abort();
      },
    });
    expect(stopped.ended).toBe('stopped');
    expect(stopped.lines).toBeGreaterThan(900);
    expect(stopped.lines).toBeLessThan(log.length);
    expect(stopped.pageviews.imported).toBe(stopped.pageviews.lines);

    const rest = await run(log, { site: 'https://shop.example', fromLine: stopped.nextLine });
    expect(rest.skipped).toBe(stopped.lines);
    expect(rest.pageviews.alreadyThere).toBe(0);
    expect(rest.pageviews.imported).toBe(800 - stopped.pageviews.imported);
    const resumed = await rows();

    workspace = orThrow(await createWorkspace(context, { name: 'Another' }));
    await run(log, { site: 'https://shop.example' });
    expect(resumed).toEqual(await rows());
  });

  it('keeps identical lines of one file apart, and knows them again', async () => {
    const reloaded = [line(), line(), line({ seconds: 1 }), line()];
    expect((await run(reloaded)).pageviews).toEqual({ lines: 4, imported: 4, alreadyThere: 0 });
    expect((await run(reloaded)).pageviews).toEqual({ lines: 4, imported: 0, alreadyThere: 4 });
    const grown = [...reloaded, line(), line({ seconds: 2 })];
    expect((await run(grown)).pageviews).toEqual({ lines: 6, imported: 2, alreadyThere: 4 });
    // Where it goes on from a line, those before are still counted as its likes.
    expect((await run([...grown, line()], { fromLine: 7 })).pageviews.imported).toBe(1);
  });

  it('adds only what is new of a rotated file that overlaps', async () => {
    const log = mixedLog(40);
    await run(log.slice(0, 120));
    const report = await run(log.slice(60));
    const whole = await run(log);
    expect(report.pageviews.alreadyThere).toBeGreaterThan(0);
    expect(whole.pageviews.imported + whole.machines.imported).toBe(0);
    expect(await events()).toHaveLength(120);
  });
});

describe('importAccessLog', () => {
  open('pglite');

  it('takes a line for the same after another one of its options has changed', async () => {
    const log = [line({ target: '/pricing' })];
    await run(log);
    const again = await run(log, { site: 'https://shop.example' });
    expect(again.pageviews.alreadyThere).toBe(1);
    expect(again.rejected).toBe(0);
  });

  it('recognises a visitor for a day by address and user agent, and joins nobody', async () => {
    const evening = 13 * 3_600;
    const report = await run([
      line(),
      line({ seconds: 60, target: '/pricing' }),
      line({ userAgent: `${browser} Edg/140.0` }),
      line({ address: '203.0.113.10' }),
      line({ seconds: evening }),
      line({ seconds: evening + 7_200 }),
    ]);
    expect(report.newPeople).toBe(4);
    expect(await visitors()).toHaveLength(4);
    expect(await context.database.db.selectFrom('merge').selectAll().execute()).toEqual([]);
    expect(new Set((await identities()).map(({ kind }) => kind))).toEqual(new Set(['fingerprint']));
  });

  it('tells the visitors of two workspaces apart', async () => {
    await run([line()]);
    const [first] = await identities();
    workspace = orThrow(await createWorkspace(context, { name: 'Another' }));
    expect((await run([line()])).newPeople).toBe(1);
    const [second] = await identities();
    expect(Buffer.from(first!.value_hash)).not.toEqual(Buffer.from(second!.value_hash));
  });

  it('stores no full address', async () => {
    await run([line(), line({ address: '2001:db8:1:2:3:4:5:6' }), line({ userAgent: crawler })]);
    const tables = ['event', 'session', 'touch', 'visitor', 'identity'] as const;
    const stored: unknown[] = [];
    for (const table of tables)
      stored.push(...(await context.database.db.selectFrom(table).selectAll().execute()));
    const text = JSON.stringify(stored, (_key, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
    expect(text).toContain('203.0.113.0/24');
    expect(text).toContain('2001:db8:1::/48');
    expect(text).not.toContain('203.0.113.9');
    expect(text).not.toContain('2001:db8:1:2');
  });

  it('knows where people came from, and its own pages', async () => {
    const report = await run(
      [
        line({
          target: '/?utm_source=newsletter&utm_medium=email',
          referrer: 'https://mail.example/',
        }),
        line({ seconds: 10, target: '/pricing', referrer: 'https://www.shop.example/' }),
        line({ address: '198.51.100.1', referrer: 'https://www.google.com/' }),
        line({ address: '198.51.100.2', referrer: 'https://shop.example/pricing' }),
        line({ address: '198.51.100.3' }),
      ],
      { site: 'https://shop.example/' },
    );
    expect(report.site).toEqual({ origin: 'https://shop.example', guessed: false });
    expect(report.referrers).toEqual([
      { name: 'google.com', count: 1 },
      { name: 'mail.example', count: 1 },
    ]);
    expect((await touches()).map((touch) => [touch.kind, touch.source])).toEqual(
      expect.arrayContaining([
        ['campaign', 'newsletter'],
        ['referrer', 'google'],
        ['direct', 'direct'],
      ]),
    );
    expect(await touches()).toHaveLength(3);
    expect((await events()).map((event) => event.url)).toContain(
      'https://shop.example/?utm_source=newsletter&utm_medium=email',
    );
  });

  it('takes the site that the lines name, else the one that their referrers show', async () => {
    await run([`www.shop.example:443 ${line({ target: '/a' })}`], { site: 'http://other.example' });
    await run([`blog.example ${line({ target: '/b' })}`], { site: 'http://other.example' });
    const log = [line({ target: '/c', seconds: 60 })];
    for (let index = 0; index < 30; index += 1)
      log.push(line({ target: '/logo.png', seconds: index, referrer: 'https://guessed.example/' }));
    const report = await run(log);
    await run([line({ target: '/d', seconds: 120 })]);
    await run([line({ target: 'http://absolute.example/e', seconds: 180 })]);
    expect(report.site).toEqual({ origin: 'https://guessed.example', guessed: true });
    expect((await events()).map((event) => event.url)).toEqual([
      'http://blog.example/b',
      'https://www.shop.example/a',
      'https://guessed.example/c',
      '/d',
      'http://absolute.example/e',
    ]);
  });

  it('takes nobody for a machine in the common format, which does not name the user agent', async () => {
    const common = (address: string) => line({ address }).replace(/ "-" ".*"$/, '');
    const report = await run([common('203.0.113.9'), common('203.0.113.10')]);
    expect(report.pageviews.imported).toBe(2);
    expect(report.newPeople).toBe(2);
  });

  it('imports only what happened within the time', async () => {
    const report = await run([line(), line({ seconds: 60 }), line({ seconds: 120 })], {
      since: new Date(Date.UTC(2015, 4, 17, 10, 1)),
      until: new Date(Date.UTC(2015, 4, 17, 10, 2)),
    });
    expect(report).toMatchObject({ outside: 2, pageviews: { imported: 1 } });
    expect(report.firstAt).toEqual(new Date(Date.UTC(2015, 4, 17, 10, 1)));
    expect(report.lastAt).toEqual(report.firstAt);
  });

  it('rejects what is older than the workspace keeps, and what has not happened yet', async () => {
    orThrow(await updateWorkspace(context, workspace, { settings: { retentionDays: 30 } }));
    workspace = (await context.workspaces.get(workspace.id))!;
    const report = await run([line(), line().replace('/2015:', '/2031:')]);
    expect(report.rejectedByCode).toEqual([
      { name: 'in_the_future', count: 1 },
      { name: 'too_old', count: 1 },
    ]);
    expect(report.rejectedLines[0]!.message).toMatch(/^must not be older than/);
    expect(await events()).toEqual([]);
  });

  it('writes nothing in a dry run, and counts the same', async () => {
    const log = mixedLog(20);
    const dry = await run(log, { dryRun: true });
    expect(dry.pageviews).toEqual({ lines: 40, imported: 0, alreadyThere: 0 });
    expect(await events()).toEqual([]);
    expect(await visitors()).toEqual([]);
    const wet = await run(log);
    for (const count of ['lines', 'assets', 'others', 'rejected', 'referrers'] as const)
      expect(wet[count]).toEqual(dry[count]);
  });

  it('unpacks gzip, and says where a packed log that is cut off ends', async () => {
    const log = mixedLog(1_000);
    const packed = gzipSync(log.join('\n'), { level: 1 });
    const of = (bytes: Buffer) => Readable.from([bytes]);
    const cut = await run(of(packed.subarray(0, packed.length >> 1)));
    expect(cut.ended).toBe('cut_off');
    const whole = await run(of(packed));
    expect(whole).toMatchObject({
      ended: 'complete',
      lines: log.length,
      newPeople: expect.any(Number),
    });
    expect(whole.pageviews.alreadyThere).toBe(cut.pageviews.imported);
    expect(whole.pageviews.lines).toBe(2_000);
  });

  it('takes hostile lines without harm', async () => {
    const report = await run([
      line({ target: `/${'x'.repeat(40_000)}` }),
      line({ target: `/${'x'.repeat(70_000)}` }),
      line({ target: '/\\x00nul', referrer: 'http://\\xe4\\xe5.example/\\x00' }),
      line({ userAgent: `Mozilla/5.0 (X11; Linux) Firefox/140.0 ${'😀'.repeat(2_000)}` }),
      line({ referrer: `https://a.example/${'%'.repeat(20_000)}` }),
      line({ address: "'; drop table event; --" }),
    ]);
    expect(report).toMatchObject({
      pageviews: { lines: 5, imported: 5 },
      rejectedByCode: [{ name: 'too_long', count: 1 }],
    });
    const urls = (await events()).map((event) => event.url!.length);
    expect(Math.max(...urls)).toBe(8_192);
  });

  it('waits where the engine is busy, and loses nothing', async () => {
    const queueSize = 300;
    const busy = context.another({ queueSize });
    const log = mixedLog(250);
    const report = orThrow(await importAccessLog(busy, workspace, streamOf(log)));
    expect(report.pageviews.imported).toBe(500);
    expect(await events()).toHaveLength(750);
  });

  it('refuses options that cannot work, by their names', async () => {
    const refused = await importAccessLog(context, workspace, streamOf([]), {
      site: 'shop.example',
      since: new Date('2015-05-18'),
      until: new Date('2015-05-17'),
      fromLine: 0,
    });
    expect(refused).toMatchObject({
      ok: false,
      code: 'validation_failed',
      errors: {
        site: [expect.stringContaining('https://example.com')],
        until: ['must be later than since'],
        fromLine: ['must be a whole number from 1'],
      },
    });
  });
});
