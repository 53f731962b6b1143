import { setTimeout as pause } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { openReceiver } from '../../../../test/support/receiver.ts';
import type { Receiver } from '../../../../test/support/receiver.ts';
import { day, hour, minute } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import type { EndpointInput } from './create-endpoint.ts';
import { createEndpoint } from './create-endpoint.ts';
import { deliverWebhooks } from './deliver-webhooks.ts';
import { insertDeliveries } from './delivery-store.ts';
import { listDeliveries } from './list-deliveries.ts';
import { planDeliveries } from './plan-deliveries.ts';
import { findProgress, moveProgress } from './progress-store.ts';
import { pruneDeliveries } from './prune-deliveries.ts';
import { recoverDeliveries, redeliver } from './redeliver.ts';
import { archiveEndpoint, updateEndpoint } from './update-endpoint.ts';

const sale = { type: 'sale', more: { amountMinor: '4900', currency: 'EUR' } } as const;

describe.each(testDatabaseSizes)('telling webhooks on %s', (size) => {
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

  const create = async (input: Partial<EndpointInput> = {}, of: People = people) =>
    orThrow(
      await createEndpoint(context, of.workspace, {
        url: receiver.url,
        eventTypes: ['conversion.created'],
        ...input,
      }),
    );
  const deliveries = async (id: string) =>
    orThrow(await listDeliveries(context, people.workspace, id, { limit: 200 })).deliveries;
  const rows = async () =>
    context.database.db
      .selectFrom('webhook_delivery')
      .select(['endpoint_id', 'event_id', 'visitor_id', 'status'])
      .where('workspace_id', '=', people.workspace.id)
      .execute();

  it('plans a full page of events for as many endpoints as there may be', async () => {
    for (let index = 0; index < 50; index += 1)
      await create({ url: `${receiver.url}/${index}`, eventTypes: ['*'] });
    expect(await createEndpoint(context, people.workspace, { url: receiver.url })).toMatchObject({
      code: 'too_many_webhooks',
    });
    await people.seeTogether(
      Array.from({ length: 500 }, (_, index) => ({
        who: `device:d${index}`,
        at: 1,
        type: 'pageview' as const,
      })),
    );
    while (await planDeliveries(context, people.workspace.id));
    const planned = await rows();
    expect([planned.length, new Set(planned.map((row) => row.event_id)).size]).toEqual([
      25_000, 500,
    ]);
    await context.database.db
      .updateTable('webhook_endpoint')
      .set({ status: 'disabled' })
      .where('workspace_id', '=', people.workspace.id)
      .execute();
  }, 60_000);

  it('goes on beside a receiver that lets its requests hang, also in other workspaces', async () => {
    const dead = await openReceiver();
    dead.answer = 'hang';
    await create({ url: dead.url });
    await create();
    const others = await openNewPeople(context);
    await create({ url: `${receiver.url}/others` }, others);
    for (let person = 0; person < 30; person += 1)
      await people.see(`user:p${person}`, person, sale);
    await others.see('user:other', 1, sale);
    const run = deliverWebhooks(context);
    try {
      await expect.poll(() => receiver.received.length, { timeout: 15_000 }).toBe(31);
      expect(dead.received.length).toBeLessThan(10);
      await people.see('user:late', 40, sale);
      await expect.poll(() => receiver.received.length, { timeout: 15_000 }).toBe(32);
    } finally {
      await dead[Symbol.asyncDispose]();
      await run;
    }
    expect(receiver.received.filter(({ path }) => path.endsWith('/others'))).toHaveLength(1);
  }, 60_000);

  it('lets an endpoint rest that asks for it', async () => {
    await create();
    for (let person = 0; person < 30; person += 1)
      await people.see(`user:p${person}`, person, sale);
    receiver.answer = { status: 429, headers: { 'retry-after': '3600' } };
    await deliverWebhooks(context);
    expect(receiver.received.length).toBeLessThanOrEqual(5);
    receiver.answer = { status: 204 };
    context.clock.moveBy(30 * minute);
    await deliverWebhooks(context);
    expect(receiver.received.length).toBeLessThanOrEqual(5);
    context.clock.moveBy(31 * minute);
    await deliverWebhooks(context);
    expect((await rows()).every(({ status }) => status === 'delivered')).toBe(true);
  });

  it('says nothing of what was imported', async () => {
    const { id } = await create({ eventTypes: ['*'] });
    await people.see('user:old', 1, { ...sale, more: { ...sale.more, origin: 'import' } });
    await people.see('user:new', 2, sale);
    await deliverWebhooks(context);
    expect(await deliveries(id)).toHaveLength(1);
  });

  it('says nothing to an endpoint of what was there before it, however late that is planned', async () => {
    const first = await create();
    const second = await create({ url: `${receiver.url}/second` });
    const workspaceId = people.workspace.id;
    orThrow(await updateEndpoint(context, people.workspace, second.id, { status: 'disabled' }));
    await people.see('user:ann', 1, sale);
    context.clock.moveBy(minute);
    orThrow(await updateEndpoint(context, people.workspace, second.id, { status: 'enabled' }));
    const third = await create({ url: `${receiver.url}/third` });
    await people.see('user:bob', 2, sale);
    while (await planDeliveries(context, workspaceId));
    const told = async (id: string) => (await deliveries(id)).length;
    expect([await told(first.id), await told(second.id), await told(third.id)]).toEqual([2, 1, 1]);
  });

  it('leaves a delivery that is being sent to whoever sends it', async () => {
    const { id } = await create();
    receiver.answer = 'hang';
    await people.see('user:ann', 1, sale);
    const run = deliverWebhooks(context);
    await expect.poll(() => receiver.received.length, { timeout: 15_000 }).toBe(1);
    const [delivery] = await deliveries(id);
    const again = orThrow(await redeliver(context, people.workspace, delivery!.id));
    expect([again.status, receiver.received.length]).toEqual(['waiting', 1]);
    // The claim ends, another process takes the delivery, and the first one comes back.
    context.clock.moveBy(hour);
    const healthy = await openReceiver();
    orThrow(await updateEndpoint(context, people.workspace, id, { url: healthy.url }));
    orThrow(await redeliver(context.another(), people.workspace, delivery!.id));
    await receiver[Symbol.asyncDispose]();
    await run;
    receiver = healthy;
    expect(await deliveries(id)).toMatchObject([{ status: 'delivered', attempts: 1 }]);
    const endpoint = await people.hw.webhooks.get(id, { workspaceId: people.workspace.id });
    expect(endpoint?.failingSince).toBeNull();
  });

  it('does not blame a new address for what the old one has answered', async () => {
    const { id } = await create();
    receiver.answer = 'hang';
    await people.see('user:ann', 1, sale);
    const run = deliverWebhooks(context);
    await expect.poll(() => receiver.received.length, { timeout: 15_000 }).toBe(1);
    orThrow(
      await updateEndpoint(context, people.workspace, id, { url: `${receiver.url}/elsewhere` }),
    );
    await receiver[Symbol.asyncDispose]();
    await run;
    receiver = await openReceiver();
    const workspaceId = people.workspace.id;
    expect(await people.hw.webhooks.get(id, { workspaceId })).toMatchObject({
      status: 'enabled',
      failingSince: null,
    });
  });

  it('goes on with other workspaces where one cannot be told', async () => {
    await create();
    await people.see('user:ann', 1, sale);
    const others = await openNewPeople(context);
    await create({ url: `${receiver.url}/others` }, others);
    await others.see('user:other', 1, sale);
    const broken = context.another();
    const { get } = broken.workspaces;
    const workspaces = {
      ...broken.workspaces,
      get: (id: string) =>
        id === people.workspace.id ? Promise.reject(new Error('It is broken.')) : get(id),
    };
    await deliverWebhooks({ ...broken, workspaces });
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hooks/others']);
  });

  it('does not disable an endpoint whose secrets cannot be read, and says so', async () => {
    const { id } = await create();
    await people.see('user:ann', 1, sale);
    await context.database.db
      .updateTable('webhook_endpoint')
      .set({ secrets: Buffer.from('nonsense') })
      .where('workspace_id', '=', people.workspace.id)
      .execute();
    await deliverWebhooks(context);
    expect(await deliveries(id)).toMatchObject([{ log: [{ failure: 'secret_unreadable' }] }]);
    const workspaceId = people.workspace.id;
    expect((await people.hw.webhooks.get(id, { workspaceId }))?.failingSince).toBeNull();
    expect(context.logged.some((line) => line.includes('cannot be read'))).toBe(true);
  });

  it('begins anew where a backup was put back', async () => {
    const { id } = await create();
    const workspaceId = people.workspace.id;
    for (const position of ['999999999:999999999:', 'nonsense']) {
      await context.database.db
        .updateTable('webhook_progress')
        .set({ position })
        .where('workspace_id', '=', workspaceId)
        .execute();
      await deliverWebhooks(context);
      await people.see(`user:${position.length}`, 1, sale);
      await deliverWebhooks(context);
    }
    expect(await deliveries(id)).toHaveLength(2);
    expect(context.logged.filter((line) => line.startsWith('Webhooks begin anew'))).toHaveLength(2);
  });

  it('plans nothing for somebody who is being forgotten', async () => {
    await create();
    const workspaceId = people.workspace.id;
    const { visitorId } = await people.see('user:ann', 1, sale);
    await people.see('user:bob', 2, sale);
    const planned = planDeliveries(context, workspaceId);
    await people.hw.privacy.forget({ visitorId: visitorId! }, { workspaceId });
    await planned;
    while (await planDeliveries(context, workspaceId));
    expect((await rows()).map((row) => row.visitor_id)).not.toContain(visitorId);
    expect(await rows()).toHaveLength(1);
  });

  it('lets an erasure wait for what is planned, and plans nothing after it', async () => {
    const { id: endpointId } = await create();
    const workspaceId = people.workspace.id;
    const { db } = context.database;
    const { visitorId } = await people.see('user:ann', 1, sale);
    const now = context.clock.now();
    const delivery = () => ({
      id: context.createId(now),
      endpointId,
      eventType: 'conversion.created',
      event: { id: context.createId(now), occurredAt: new Date(now) },
      visitorId: visitorId!,
      message: null,
    });
    const position = (await findProgress(db, workspaceId))!;
    let forgetting: Promise<unknown> | undefined;
    await db.transaction().execute(async (tx) => {
      await moveProgress(tx, workspaceId, { from: position, to: position });
      await insertDeliveries(tx, workspaceId, new Date(now), [delivery()]);
      forgetting = people.hw.privacy.forget({ visitorId: visitorId! }, { workspaceId });
      await pause(300);
    });
    await forgetting;
    expect(await rows()).toEqual([]);
    await insertDeliveries(db, workspaceId, new Date(now), [
      delivery(),
      { ...delivery(), visitorId: null },
    ]);
    expect(await rows()).toMatchObject([{ visitor_id: null }]);
  });

  it('tells of the conversions that are credited to a link', async () => {
    const workspaceId = people.workspace.id;
    const link = orThrow(
      await people.hw.links.create(
        { domain: 'go.example', url: 'https://shop.example/' },
        { workspaceId },
      ),
    );
    const { id } = await create({ linkIds: [link.id] });
    const source = {
      confidence: 'certain',
      rule: 'test',
      kind: 'campaign',
      source: 'link',
    } as const;
    await people.see('device:phone', 1, {
      type: 'link_click',
      more: { linkId: link.id, arrival: { source } },
    });
    await people.see('device:phone', 2, sale);
    await people.see('device:other', 3, sale);
    await deliverWebhooks(context);
    expect(await deliveries(id)).toHaveLength(1);
  });

  it('sends again what has failed, but not what is gone, and nothing to an archived endpoint', async () => {
    const { id } = await create();
    receiver.answer = { status: 410 };
    await people.see('user:ann', 1, sale);
    await deliverWebhooks(context);
    const { workspace } = people;
    const since = new Date(context.clock.now());
    expect(await recoverDeliveries(context, workspace, id, { since })).toMatchObject({
      value: { deliveries: 1 },
    });
    const unclear = { since: new Date('nonsense') };
    expect(await recoverDeliveries(context, workspace, id, unclear)).toMatchObject({
      code: 'validation_failed',
    });
    orThrow(await archiveEndpoint(context, workspace, id));
    expect(await deliveries(id)).toMatchObject([{ status: 'failed', reason: 'webhook_archived' }]);
    const [delivery] = await deliveries(id);
    for (const refused of [
      await recoverDeliveries(context, workspace, id, { since }),
      await redeliver(context, workspace, delivery!.id),
    ])
      expect(refused).toMatchObject({ code: 'webhook_archived' });
  });

  it('keeps deliveries for 30 days, also those of endpoints that are told no more', async () => {
    const { id } = await create();
    await people.see('user:ann', 1, sale);
    while (await planDeliveries(context, people.workspace.id));
    orThrow(await updateEndpoint(context, people.workspace, id, { status: 'disabled' }));
    context.clock.moveBy(29 * day);
    await pruneDeliveries(context);
    expect(await deliveries(id)).toHaveLength(1);
    context.clock.moveBy(2 * day);
    await pruneDeliveries(context);
    expect(await deliveries(id)).toEqual([]);
  });
});
