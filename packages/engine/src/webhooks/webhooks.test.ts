import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { openReceiver } from '../../../../test/support/receiver.ts';
import type { Receiver } from '../../../../test/support/receiver.ts';
import { day, hour } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import type { EndpointInput } from './create-endpoint.ts';
import { createEndpoint } from './create-endpoint.ts';
import { deliverWebhooks } from './deliver-webhooks.ts';
import { listDeliveries } from './list-deliveries.ts';
import { updateEndpoint } from './update-endpoint.ts';

const sale = { type: 'sale', more: { amountMinor: '4900', currency: 'EUR' } } as const;

describe.each(testDatabaseSizes)('webhooks on %s', (size) => {
  let context: TestContext;
  let people: People;
  let receiver: Receiver;
  beforeAll(async () => {
    context = await openTestContext(size, { webhooks: { allowPrivateNetworks: true } });
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());
  beforeEach(async () => {
    people = await openNewPeople(context);
    receiver = await openReceiver();
  });
  afterEach(() => receiver[Symbol.asyncDispose]());

  const create = async (input: Partial<EndpointInput> = {}) =>
    orThrow(
      await createEndpoint(context, people.workspace, {
        url: receiver.url,
        eventTypes: ['conversion.created'],
        ...input,
      }),
    );
  const deliveries = async (id: string) =>
    orThrow(await listDeliveries(context, people.workspace, id)).deliveries;
  const bodies = () => receiver.received.map(({ text }) => JSON.parse(text) as Body);

  /** Moves the clock from attempt to attempt until nothing waits. */
  async function deliverToTheEnd(id: string): Promise<void> {
    for (;;) {
      await deliverWebhooks(context);
      const waiting = (await deliveries(id)).find(({ status }) => status === 'waiting');
      if (waiting === undefined) return;
      context.clock.moveBy(waiting.dueAt.getTime() - context.clock.now());
    }
  }

  interface Body {
    readonly type: string;
    readonly timestamp: string;
    readonly data: Readonly<Record<string, unknown>>;
  }

  it('tell of a conversion, signed, with its amount and its person', async () => {
    const { id, secret } = await create();
    const { visitorId } = await people.see('user:ann', 1, sale);
    await deliverWebhooks(context);
    const [arrived] = receiver.received;
    const signed = arrived!.headers as Record<string, string>;
    // The clock of the tests stands still, so the library's tolerance is of no use here.
    expect(() => new Webhook(secret).sign(signed['webhook-id']!, new Date(), '')).not.toThrow();
    const at = new Date(Number(signed['webhook-timestamp']) * 1_000);
    expect(new Webhook(secret).sign(signed['webhook-id']!, at, arrived!.text)).toBe(
      signed['webhook-signature'],
    );
    expect(at.getTime()).toBe(context.clock.now());
    expect(bodies()).toMatchObject([
      {
        type: 'conversion.created',
        timestamp: '2026-11-20T12:01:00.000Z',
        data: {
          event_type: 'sale',
          visitor_id: visitorId,
          person_external_id: 'ann',
          amount_minor: 4900,
          currency: 'EUR',
        },
      },
    ]);
    expect(await deliveries(id)).toMatchObject([
      { id: signed['webhook-id'], status: 'delivered', attempts: 1, log: [{ status: 204 }] },
    ]);
  });

  it('tell each endpoint of what it asked for, of people only, and of what came after it', async () => {
    await people.see('user:early', 1, sale);
    const all = await create({ eventTypes: ['*'] });
    const views = await create({ url: `${receiver.url}/views`, eventTypes: ['page.viewed'] });
    const linked = await create({
      url: `${receiver.url}/linked`,
      eventTypes: ['*'],
      linkIds: ['01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa0'],
    });
    await people.see('device:phone', 2, { type: 'pageview' });
    await people.see('user:bob', 3, sale);
    await people.seeTogether([
      { who: 'device:robot', at: 4, more: { machine: 'Googlebot', identifiers: [] } },
    ]);
    await deliverWebhooks(context);
    expect((await deliveries(all.id)).map(({ eventType }) => eventType)).toEqual([
      'conversion.created',
      'page.viewed',
    ]);
    expect((await deliveries(views.id)).map(({ eventType }) => eventType)).toEqual(['page.viewed']);
    expect(await deliveries(linked.id)).toEqual([]);
  });

  it('are sent again under the same id until they arrive', async () => {
    const { id } = await create();
    receiver.answer = { status: 500 };
    await people.see('user:ann', 1, sale);
    await deliverWebhooks(context);
    await deliverWebhooks(context);
    expect(receiver.received).toHaveLength(1);
    context.clock.moveBy(10_000);
    receiver.answer = { status: 503, headers: { 'retry-after': '7200' } };
    await deliverWebhooks(context);
    context.clock.moveBy(hour);
    await deliverWebhooks(context);
    expect(receiver.received).toHaveLength(2);
    context.clock.moveBy(hour);
    receiver.answer = { status: 200 };
    await deliverWebhooks(context);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(await deliveries(id)).toMatchObject([
      {
        status: 'delivered',
        attempts: 3,
        log: [{ status: 500 }, { status: 503 }, { status: 200 }],
      },
    ]);
  });

  it('fail after three days, disable the endpoint after five, and go on when it is enabled', async () => {
    const { id } = await create();
    receiver.answer = { status: 302, headers: { location: 'https://elsewhere.example/' } };
    await people.see('user:ann', 1, sale);
    const begun = context.clock.now();
    await deliverToTheEnd(id);
    expect(await deliveries(id)).toMatchObject([{ status: 'failed', reason: 'status_302' }]);
    expect(receiver.received).toHaveLength(10);
    // Attempts are spread, so that the last one was earlier or later; two days without any begin anew.
    const moveTo = (sinceFirst: number) => {
      context.clock.moveBy(begun + sinceFirst - context.clock.now());
    };
    moveTo(4 * day);
    await people.see('user:bob', 2, sale);
    await deliverWebhooks(context);
    moveTo(5 * day);
    await deliverWebhooks(context);
    const endpoint = await people.hw.webhooks.get(id, { workspaceId: people.workspace.id });
    expect(endpoint).toMatchObject({ status: 'disabled', disabledReason: 'failing' });
    context.clock.moveBy(day);
    receiver.answer = { status: 204 };
    await deliverWebhooks(context);
    expect(receiver.received).toHaveLength(12);
    orThrow(await updateEndpoint(context, people.workspace, id, { status: 'enabled' }));
    await deliverWebhooks(context);
    expect((await deliveries(id)).map(({ status }) => status)).toEqual(['delivered', 'failed']);
  });

  it('end at an endpoint that says it is gone', async () => {
    const { id } = await create();
    receiver.answer = { status: 410 };
    await people.see('user:ann', 1, sale);
    await deliverWebhooks(context);
    expect(await people.hw.webhooks.get(id, { workspaceId: people.workspace.id })).toMatchObject({
      status: 'disabled',
      disabledReason: 'gone',
    });
  });

  it('are each sent by one process', async () => {
    const { id } = await create();
    for (let person = 0; person < 60; person += 1)
      await people.see(`user:p${person}`, person, sale);
    const processes = [context, context.another(), context.another()];
    await Promise.all(processes.map((each) => deliverWebhooks(each)));
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect([ids.length, new Set(ids).size]).toEqual([60, 60]);
    expect((await deliveries(id)).every(({ status }) => status === 'delivered')).toBe(true);
  });

  it('tell nothing of somebody who was forgotten', async () => {
    await create();
    receiver.answer = { status: 500 };
    const { visitorId } = await people.see('user:ann', 1, sale);
    await deliverWebhooks(context);
    const workspaceId = people.workspace.id;
    await people.hw.privacy.forget({ visitorId: visitorId! }, { workspaceId });
    context.clock.moveBy(hour);
    await deliverWebhooks(context);
    expect(receiver.received).toHaveLength(1);
    const left = await context.database.db
      .selectFrom('webhook_delivery')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .execute();
    expect(left).toEqual([]);
  });

  it('tell of links with the transaction that changes them', async () => {
    const { id } = await create({ eventTypes: ['link.created', 'link.updated', 'link.archived'] });
    const workspaceId = people.workspace.id;
    const { links } = people.hw;
    const link = orThrow(
      await links.create({ domain: 'go.example', url: 'https://shop.example/' }, { workspaceId }),
    );
    orThrow(await links.update(link.id, { url: 'https://shop.example/new' }, { workspaceId }));
    await links.update(link.id, { url: 'nonsense' }, { workspaceId });
    orThrow(await links.archive(link.id, { workspaceId }));
    await deliverWebhooks(context);
    expect(
      (await deliveries(id))
        .toReversed()
        .map(({ eventType, message }) => [eventType, message?.data['url']]),
    ).toEqual([
      ['link.created', 'https://shop.example/'],
      ['link.updated', 'https://shop.example/new'],
      ['link.archived', 'https://shop.example/new'],
    ]);
    expect(
      bodies().every(({ data }) => data['short_url'] === `https://go.example/${link.key}`),
    ).toBe(true);
  });

  it('are set up, tried out, read and sent again over REST', async () => {
    const api = await openApi(context, people.workspace);
    const created = await api<{ id: string; secret: string }>('POST', '/webhooks', {
      url: receiver.url,
      event_types: ['conversion.created', 'conversion.refunded'],
    });
    expect([created.status, created.body.secret]).toEqual([201, expect.stringMatching(/^whsec_/)]);
    const { id } = created.body;
    expect((await api('GET', `/webhooks/${id}`)).body).not.toHaveProperty('secret');
    expect((await api('GET', '/webhooks')).body).toMatchObject([{ id, status: 'enabled' }]);

    receiver.answer = { status: 500 };
    const tested = await api<{ id: string }>('POST', `/webhooks/${id}/test`);
    expect(tested.body).toMatchObject({
      type: 'webhook.test',
      status: 'waiting',
      reason: 'status_500',
      log: [{ status: 500, failure: null }],
    });
    receiver.answer = { status: 204 };
    const again = await api('POST', `/webhook-deliveries/${tested.body.id}/redeliver`);
    expect(again.body).toMatchObject({
      status: 'delivered',
      log: [{ status: 500 }, { status: 204 }],
    });
    expect((await api('GET', `/webhooks/${id}/deliveries?status=delivered`)).body).toMatchObject([
      { id: tested.body.id },
    ]);

    const rotated = await api<{ secret: string }>('POST', `/webhooks/${id}/rotate-secret`);
    expect(rotated.body.secret).not.toBe(created.body.secret);
    expect((await api('PATCH', `/webhooks/${id}`, { status: 'disabled' })).body).toMatchObject({
      status: 'disabled',
    });
    expect((await api('DELETE', `/webhooks/${id}`)).status).toBe(204);
    expect((await api('PATCH', `/webhooks/${id}`, { status: 'enabled' })).body).toMatchObject({
      code: 'webhook_archived',
    });
    expect((await api('GET', `/webhook-deliveries/${tested.body.id}`)).status).toBe(200);
  });

  it('send everything again that failed since a time', async () => {
    const { id } = await create();
    receiver.answer = { status: 500 };
    await people.see('user:ann', 1, sale);
    await deliverToTheEnd(id);
    receiver.answer = { status: 204 };
    const api = await openApi(context, people.workspace);
    const since = new Date(context.clock.now() - 7 * day).toISOString();
    expect((await api('POST', `/webhooks/${id}/recover`, { since })).body).toEqual({
      deliveries: 1,
    });
    await deliverWebhooks(context);
    expect(await deliveries(id)).toMatchObject([{ status: 'delivered' }]);
  });

  it.each([
    [{ url: 'ftp://example.com/' }, 'url'],
    [{ url: 'https://user:pass@example.com/' }, 'url'],
    [{ url: 'nonsense' }, 'url'],
    [{ url: 'https://example.com/', event_types: [] }, 'event_types'],
    [{ url: 'https://example.com/', event_types: ['everything'] }, 'event_types'],
    [{ url: 'https://example.com/', link_ids: ['nonsense'] }, 'link_ids'],
  ])('refuse %o and name the field', async (body, field) => {
    const api = await openApi(context, people.workspace);
    const refused = await api<{ errors: object }>('POST', '/webhooks', body);
    expect([refused.status, Object.keys(refused.body.errors)]).toEqual([422, [field]]);
  });

  it('of one workspace are nothing to another', async () => {
    const { id } = await create();
    const others = await openNewPeople(context);
    const api = await openApi(context, others.workspace);
    for (const [method, path] of [
      ['GET', `/webhooks/${id}`],
      ['DELETE', `/webhooks/${id}`],
      ['POST', `/webhooks/${id}/test`],
      ['POST', `/webhooks/${id}/rotate-secret`],
      ['GET', `/webhooks/${id}/deliveries`],
    ] as const)
      expect((await api(method, path)).body).toMatchObject({ code: 'webhook_not_found' });
  });
});

describe('webhooks into private networks', () => {
  it('are not sent', async () => {
    await using context = await openTestContext('pglite');
    await using receiver = await openReceiver();
    const { workspace, hw } = await openNewPeople(context);
    const careless = context.another({ webhooks: { allowPrivateNetworks: true } });
    const outcome = async (url: string) => {
      const { id } = orThrow(await createEndpoint(careless, workspace, { url }));
      const tested = orThrow(await hw.webhooks.test(id, { workspaceId: workspace.id }));
      return [tested.status, tested.reason];
    };
    for (const url of [receiver.url.replace('http:', 'https:'), 'https://localhost:9/'])
      expect(await outcome(url)).toEqual(['waiting', 'private_network']);
    expect(await outcome(receiver.url)).toEqual(['waiting', 'not_https']);
    expect(receiver.received).toEqual([]);
  });

  it.each([
    'http://example.com/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://169.254.169.254/latest',
    'https://hooks.localhost/',
  ])('are refused where they are set up: %s', async (url) => {
    await using context = await openTestContext('pglite');
    const { workspace } = await openNewPeople(context);
    expect(await createEndpoint(context, workspace, { url })).toMatchObject({
      code: 'validation_failed',
      errors: { url: [expect.any(String)] },
    });
  });
});
