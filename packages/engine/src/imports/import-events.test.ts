import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { trackEvent } from '../ingest/track-event.ts';
import { orThrow } from '../kernel/result.ts';
import { createWorkspace } from '../workspaces/create-workspace.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { EventMapping } from './event-mapping.ts';
import type { EventsReport, RejectedRow } from './events-report.ts';
import { importEvents } from './import-events.ts';
import type { EventsImportOptions } from './import-events.ts';

const map: EventMapping = {
  event_type: {
    column: 'event',
    values: { 'Signed Up': 'registration', 'Order Paid': 'sale', Heartbeat: null },
    default: 'custom',
  },
  event_name: 'event',
  occurred_at: 'time',
  person_external_id: 'user',
  person_email: 'email',
  amount: 'total',
  currency: { column: 'currency', default: 'EUR' },
};

const header = 'event,time,user,email,total,currency';
const rows = [
  'Signed Up,2024-05-01T10:00:00Z,u1,ada@example.com,,',
  'Order Paid,2024-05-02T10:00:00Z,u1,,49.90,EUR',
  'Order Paid,2024-05-02T11:00:00Z,u2,,1200,JPY',
  'Heartbeat,2024-05-02T11:00:00Z,u2,,,',
  'Zoomed,2024-05-03T10:00:00+02:00,u2,,,',
];

async function* streamOf(...parts: readonly (string | Uint8Array)[]) {
  for (const part of parts) yield Buffer.from(part);
}

describe.each(testDatabaseSizes)('importEvents on %s', (size) => {
  let context: TestContext;
  let workspace: Workspace;
  let rejected: RejectedRow[];
  let tests = 0;

  beforeAll(async () => {
    context = await openTestContext(size);
  });
  beforeEach(async () => {
    rejected = [];
    workspace = orThrow(await createWorkspace(context, { name: `Test ${(tests += 1)}` }));
  });
  afterAll(() => context[Symbol.asyncDispose]());

  async function run(
    text: string | Uint8Array,
    options: Partial<EventsImportOptions> = {},
  ): Promise<EventsReport> {
    const result = await importEvents(context, workspace, streamOf(text), {
      format: 'csv',
      map,
      onRejected: (row) => rejected.push(row),
      ...options,
    });
    return orThrow(result);
  }

  const events = () =>
    context.database.db
      .selectFrom('event')
      .selectAll()
      .where('workspace_id', '=', workspace.id)
      .orderBy('occurred_at')
      .execute();

  it('imports rows as events of the people that they name', async () => {
    expect(await run([header, ...rows].join('\n'))).toMatchObject({
      ended: 'complete',
      rows: 5,
      imported: 4,
      alreadyThere: 0,
      leftOut: 1,
      rejected: 0,
      newPeople: 2,
      problems: [],
      unusedColumns: [],
    });
    expect(
      (await events()).map((event) => [
        event.type,
        event.name,
        event.amount_minor,
        event.currency,
        event.origin,
      ]),
    ).toEqual([
      ['registration', 'Signed Up', null, null, 'import'],
      ['sale', 'Order Paid', 4990n, 'EUR', 'import'],
      ['sale', 'Order Paid', 1200n, 'JPY', 'import'],
      ['custom', 'Zoomed', null, null, 'import'],
    ]);
  });

  it('adds nothing in a second run, and keeps identical rows apart', async () => {
    const twice = [header, ...rows, rows[1]!].join('\n');
    expect((await run(twice)).imported).toBe(5);
    expect(await run(twice)).toMatchObject({ imported: 0, alreadyThere: 5, newPeople: 0 });
    const grown = `${twice}\n${rows[1]}\n`;
    expect(await run(grown)).toMatchObject({ imported: 1, alreadyThere: 5 });
    expect(await events()).toHaveLength(6);
  });

  it('goes on where it was stopped', async () => {
    const many = Array.from(
      { length: 1_300 },
      (_, index) => `Order Paid,2024-05-02T10:00:00Z,u${index % 40},,${index},EUR`,
    );
    const controller = new AbortController();
    const stopped = await run([header, ...many].join('\n'), {
      signal: controller.signal,
      onProgress: ({ rows: read }) => {
        if (read >= 1_000) controller.abort();
      },
    });
    expect(stopped).toMatchObject({ ended: 'stopped', rows: 1_000, imported: 1_000 });
    expect(await run([header, ...many].join('\n'))).toMatchObject({
      ended: 'complete',
      imported: 300,
      alreadyThere: 1_000,
    });
  });

  it('counts an event once that was sent before under the same key', async () => {
    const keyed: EventMapping = { ...map, idempotency_key: 'order' };
    orThrow(
      await trackEvent(
        context,
        workspace,
        {
          type: 'sale',
          name: 'Order Paid',
          externalId: 'u1',
          amountMinor: 4990n,
          currency: 'EUR',
          occurredAt: new Date('2024-05-02T10:00:00Z'),
          idempotencyKey: 'order-1',
        },
        { createsVisitor: true },
      ),
    );
    const text = `${header},order\n${rows[1]},order-1\n${rows[2]},order-2\n${rows[2]},order-1`;
    expect(await run(text, { map: keyed })).toMatchObject({
      imported: 1,
      alreadyThere: 1,
      rejected: 1,
    });
    expect(rejected).toEqual([
      { line: 4, field: 'row', message: expect.stringContaining('two rows share one key') },
    ]);
  });

  it('rejects rows with their lines and fields, and imports the others', async () => {
    const text = [
      header,
      rows[0],
      'Order Paid,tomorrow,u1,,5,EUR',
      'Order Paid,2024-05-02T10:00:00Z,,,5.123,EUR',
      `Order Paid,2024-05-02T10:00:00Z,${'u'.repeat(256)},,5,EUR`,
      'Order Paid,1995-05-02T10:00:00Z,u1,,5,EUR',
      'Order Paid,2024-05-02T10:00:00Z',
      'Order Paid,tomorrow,u1,,5,EUR',
      rows[1],
    ].join('\n');
    const report = await run(text);
    expect(report).toMatchObject({ rows: 8, imported: 2, rejected: 6 });
    expect(rejected.map(({ line, field }) => [line, field])).toEqual([
      [3, 'occurred_at'],
      [4, 'person_external_id'],
      [4, 'amount'],
      [5, 'person_external_id'],
      [6, 'occurred_at'],
      [7, 'row'],
      [8, 'occurred_at'],
    ]);
    expect(report.problems[0]).toEqual({
      field: 'occurred_at',
      message: expect.stringContaining('ISO 8601'),
      rows: 2,
      firstLine: 3,
    });
  });

  it('shows the first events in a dry run, with every problem, and writes nothing', async () => {
    const text = [`${header},colour`, ...rows.map((row) => `${row},red`), 'x,,,,,'].join('\n');
    const report = await run(text, { dryRun: true });
    expect(report).toMatchObject({
      dryRun: true,
      importable: 4,
      imported: 0,
      leftOut: 1,
      rejected: 1,
      unusedColumns: ['colour'],
    });
    expect(report.samples[1]).toMatchObject({ type: 'sale', externalId: 'u1', amountMinor: 4990n });
    expect(await events()).toEqual([]);
  });

  it('reads NDJSON, packed by gzip', async () => {
    const lines = [
      { event: 'Order Paid', time: 1_714_644_000, user: { id: 'u9' }, total: 5, props: { a: [1] } },
      { event: 'Zoomed', time: 1_714_644_001, user: { id: 'u9' } },
    ];
    const report = await run(gzipSync(lines.map((line) => JSON.stringify(line)).join('\n')), {
      format: 'ndjson',
      map: {
        ...map,
        occurred_at: { column: 'time', format: 'unix_seconds' },
        person_external_id: 'user.id',
        properties: 'props',
      },
    });
    expect(report).toMatchObject({ imported: 2, newPeople: 1 });
    expect((await events())[0]).toMatchObject({
      occurred_at: new Date('2024-05-02T10:00:00Z'),
      properties: { a: [1] },
      amount_minor: 500n,
    });
  });

  it('says from where on a file cannot be read, and keeps what comes before', async () => {
    const report = await run([header, rows[0], 'Order Paid,"2024', rows[2]].join('\n'));
    expect(report).toMatchObject({ ended: 'cut_off', rows: 2, imported: 1, rejected: 1 });
    expect(rejected).toMatchObject([{ field: 'row', message: expect.stringContaining('quote') }]);
    const packed = gzipSync([header, ...rows].join('\n'));
    expect((await run(packed.subarray(0, -12))).ended).toBe('cut_off');
  });

  it('refuses a mapping for another file before anything is written', async () => {
    const refused = await importEvents(
      context,
      workspace,
      streamOf(`event,time,user\n${rows[0]}`),
      {
        format: 'csv',
        map,
      },
    );
    expect(refused).toMatchObject({
      ok: false,
      code: 'validation_failed',
      errors: {
        'map.person_email': ['names the column email, and the file has event, time, user'],
        'map.amount': [expect.any(String)],
        'map.currency': [expect.any(String)],
      },
    });
    const wrong = await importEvents(context, workspace, streamOf(header), {
      format: 'csv',
      delimiter: '||',
    });
    expect(wrong).toMatchObject({ ok: false, errors: { delimiter: ['must be one character'] } });
  });
});
