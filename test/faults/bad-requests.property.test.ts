import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createApp } from '../../packages/engine/src/http/app.ts';
import { openApiDocument } from '../../packages/engine/src/http/openapi.ts';
import { orThrow } from '../../packages/engine/src/kernel/result.ts';
import { createWorkspace } from '../../packages/engine/src/workspaces/create-workspace.ts';
import type { Workspace } from '../../packages/engine/src/workspaces/workspace.ts';
import { openApi } from '../support/api.ts';
import type { Api } from '../support/api.ts';
import { openTestContext } from '../support/context.ts';
import type { TestContext } from '../support/context.ts';
import { listOperations, requestsTo } from '../support/openapi-requests.ts';
import type { OpenApiDocument } from '../support/openapi-requests.ts';
import { fc } from '../support/properties.ts';
import { listTables } from '../support/rows.ts';

const document = openApiDocument({ basePath: '/hw' }) as unknown as OpenApiDocument;
const operations = listOperations(document);
/** A stream that goes on. */
const leftOut = new Set(['GET /live']);
/** Of each operation; `FUZZ_RUNS=6000` is a million in all. */
const runs = Number(process.env['FUZZ_RUNS'] ?? 10);

/** Something of everything, with words that nobody else may see. */
async function fill(api: Api, words: string): Promise<void> {
  const at = new Date(Date.UTC(2026, 10, 20)).toISOString();
  const calls: ReadonlyArray<readonly [path: string, body: unknown]> = [
    ['/links', { url: `https://shop.example/${words}`, key: `${words}-link`, tags: [words] }],
    [
      '/visitors/identify',
      {
        anonymous_id: words,
        person_external_id: words,
        person_email: `${words}@people.test`,
        person_name: words,
      },
    ],
    [
      '/events',
      { event_type: 'pageview', person_external_id: words, url: `https://${words}.example/` },
    ],
    ['/events', { event_type: 'lead', person_external_id: words, occurred_at: at }],
    [
      '/events',
      { event_type: 'sale', person_external_id: words, amount_cents: 1_200, currency: 'EUR' },
    ],
    ['/invitations', { name: words, attributes: { words } }],
    ['/referral-codes', { code: `${words}CODE`, creator_id: words }],
    [
      '/funnels',
      {
        name: words,
        steps: [
          { filters: [{ kind: 'event', type: 'pageview' }] },
          { filters: [{ kind: 'event', type: 'sale' }] },
        ],
      },
    ],
    ['/projects', { name: words, slug: words }],
    ['/domains', { host: `${words}.example` }],
    ['/api-keys', { kind: 'secret', name: words, scopes: ['read'] }],
    ['/webhooks', { url: `https://${words}.example/hook`, description: words }],
    ['/payment-sources', { provider: 'stripe', name: words }],
    ['/referrals/reward-rules', { name: words, trigger: 'payment', referrer: { percent: 10 } }],
    [
      '/ledger/adjustments',
      {
        account: { type: 'user', id: words },
        unit: 'EUR',
        amount: 5,
        idempotency_key: words,
        description: words,
      },
    ],
    ['/waitlist', { email: `${words}@people.test` }],
    ['/folders', { name: words }],
    ['/utm-templates', { name: words, utm_source: words }],
    ['/partners', { key: words, name: words }],
    ['/partner-programs', { name: words, rules: [{ name: words, trigger: 'sale', percent: 10 }] }],
  ];
  const refused: string[] = [];
  for (const [path, body] of calls) {
    const { status, body: answer } = await api('POST', path, body);
    if (status >= 300) refused.push(`${path}: ${JSON.stringify(answer)}`);
  }
  expect(refused).toEqual([]);
}

interface IdOfTable {
  readonly table: string;
  readonly id: string;
}

describe('the API', () => {
  let context: TestContext;
  let ours: Workspace;
  let theirs: Workspace;
  let ids: readonly IdOfTable[];
  let send: (method: string, address: string, body: unknown) => Promise<Response>;
  beforeAll(async () => {
    context = await openTestContext('pglite', {
      limits: false,
      links: { domains: ['go.example'] },
    });
    ours = await context.workspaces.first();
    const { id } = orThrow(await createWorkspace(context, { name: 'Theirs' }));
    theirs = (await context.workspaces.get(id))!;
    await fill(await openApi(context, theirs), 'theirs');
    const api = await openApi(context, ours);
    ids = await readIds();
    await fill(api, 'ours');
    ids = (await readIds()).filter(({ table }) => table !== 'api_key');
    const app = createApp(context);
    send = (method, address, body) =>
      Promise.resolve(
        app.request(`http://api.test/hw/api${address}`, {
          method,
          headers: { authorization: `Bearer ${api.key}`, 'content-type': 'application/json' },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        }),
      );
  }, 120_000);
  afterAll(() => context[Symbol.asyncDispose]());

  /** Of both workspaces. */
  async function readIds(): Promise<IdOfTable[]> {
    const found: IdOfTable[] = [];
    for (const table of await listTables(context)) {
      const rows = await context.database.run<{ row: Record<string, unknown> }>(
        { name: '', text: `select to_jsonb(t) as row from headwater.${table} t` },
        [],
      );
      for (const { row } of rows)
        if (typeof row['id'] === 'string') found.push({ table, id: row['id'] });
    }
    return found;
  }

  /** Everything that the other workspace has. */
  async function readTheirs(): Promise<Record<string, string[]>> {
    const dump: Record<string, string[]> = {};
    for (const table of await listTables(context)) {
      const rows = await context.database.run<{ row: string }>(
        {
          name: '',
          text: `select t::text as row from headwater.${table} t
where to_jsonb(t) ->> 'workspace_id' = $1 or ($2 and to_jsonb(t) ->> 'id' = $1) order by 1`,
        },
        [theirs.id, table === 'workspace'],
      );
      dump[table] = rows.map(({ row }) => row);
    }
    return dump;
  }

  it(
    'answers whatever is asked of any of its operations, tells nothing of another workspace and changes nothing there',
    async () => {
      const before = await readTheirs();
      const faults: string[] = [];
      const known = fc.constantFrom(...ids.map(({ id }) => id));
      for (const operation of operations) {
        const name = `${operation.method} ${operation.path}`;
        if (leftOut.has(name)) continue;
        await fc.assert(
          fc.asyncProperty(requestsTo(document, operation, known), async (request) => {
            const query = new URLSearchParams(request.query.map(([key, value]) => [key, value]));
            const response = await send(
              operation.method,
              `${request.path}${query.size > 0 ? `?${query.toString()}` : ''}`,
              request.body,
            );
            const text = await response.text();
            if (response.status >= 500)
              faults.push(`${name} ${JSON.stringify(request)}: ${context.logged.at(-1) ?? text}`);
            else if (response.status >= 400)
              expect(JSON.parse(text)).toMatchObject({
                error: expect.any(String) as string,
                code: expect.stringMatching(/^[a-z_]+$/) as string,
              });
            else expect(text).not.toContain('theirs');
          }),
          { numRuns: runs, endOnFailure: true },
        );
      }
      expect(await readTheirs()).toEqual(before);
      expect(faults).toEqual([]);
    },
    60_000 + runs * 20_000,
  );
});
