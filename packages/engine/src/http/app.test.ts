import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { createApp } from './app.ts';

describe('createApp', () => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext('pglite', { basePath: '/ga' });
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('serves its own description to everybody', async () => {
    const response = await createApp(context).request('http://api.test/ga/openapi.json');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      openapi: '3.1.0',
      servers: [{ url: '/ga/api' }],
      components: {
        securitySchemes: { bearer: { scheme: 'bearer' }, apiKey: { name: 'X-Api-Key' } },
      },
    });
  });

  it('lets pages of other sites read its description, without credentials, and nothing else', async () => {
    const app = createApp(context);
    const origin = 'https://shop.example';
    const cors = async (path: string, method: string): Promise<string[]> => {
      const { headers } = await app.request(`http://api.test/ga${path}`, {
        method,
        headers: { origin, 'access-control-request-method': 'POST' },
      });
      return [...headers]
        .filter(([name]) => name.startsWith('access-control-'))
        .map((pair) => pair.join(': '));
    };
    expect(await cors('/openapi.json', 'GET')).toEqual(['access-control-allow-origin: *']);
    for (const method of ['GET', 'OPTIONS', 'POST'])
      for (const path of ['/api/links', '/api/workspace', '/tls/ask', '/nothing'])
        expect(await cors(path, method)).toEqual([]);
  });

  it('has answers that nobody keeps or mistakes for a page', async () => {
    const api = await openApi(context, await context.workspaces.first());
    for (const path of ['/workspace', '/nothing']) {
      const { headers } = await api('GET', path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'content-type': 'application/json; charset=utf-8',
        'x-content-type-options': 'nosniff',
      });
    }
  });

  it('answers 503 with Retry-After while events cannot be committed, and 207 where only some could not', async () => {
    const workspace = await context.workspaces.first();
    const known = await openApi(context, workspace);
    await known('POST', '/visitors/resolve', { person_external_id: 'cust_1' });
    let submitted = 0;
    const ingest = {
      ...context.ingest,
      submit: (event: Parameters<typeof context.ingest.submit>[0]) => {
        submitted += 1;
        const full = new UnavailableError('The queue is full.', { retryAfterSeconds: 3 });
        return submitted === 3 ? context.ingest.submit(event) : Promise.reject(full);
      },
    };
    const api = await openApi({ ...context, ingest }, workspace);
    const event = { person_external_id: 'cust_1', event_type: 'lead' };
    const single = await api('POST', '/events', event);
    expect([single.status, single.headers.get('retry-after'), single.body['code']]).toEqual([
      503,
      '3',
      'unavailable',
    ]);
    expect(await api('POST', '/events/batch', { events: [event, event] })).toMatchObject({
      status: 207,
      body: { results: [{ status: 'error', code: 'unavailable' }, { status: 'ok' }] },
    });
    expect((await api('POST', '/events/batch', { events: [event] })).status).toBe(503);
  });
});
