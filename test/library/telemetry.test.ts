import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { expect, it } from 'vitest';

import { orThrow } from 'headwater';
import { createTestClock, createTestHeadwater } from 'headwater/testing';

import { goodCredentials, startAllPlatforms } from '../support/platforms/platforms.ts';
import { openReceiver } from '../support/receiver.ts';

function openExporters() {
  const spans = new InMemorySpanExporter();
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const tracerProvider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
  });
  const meterProvider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter: metrics })],
  });
  return { spans, metrics, telemetry: { tracerProvider, meterProvider } };
}

it('a sale, what is told of it and a request leave spans, with nothing of anybody', async () => {
  const { spans, metrics, telemetry } = openExporters();
  const clock = createTestClock(new Date('2026-11-20T10:00:00Z'));
  await using receiver = await openReceiver();
  await using platforms = await startAllPlatforms({ now: () => clock.now() });
  await using hw = await createTestHeadwater({
    clock,
    telemetry,
    links: { domains: ['go.shop.test'] },
    webhooks: { allowPrivateNetworks: true },
    connectors: { fetch: platforms.fetch },
  });
  const { id: workspaceId } = await hw.workspaces.first();
  orThrow(await hw.connectors.enable('meta', { credentials: goodCredentials['meta']! }));
  orThrow(await hw.webhooks.create({ url: `${receiver.url}/jane` }));
  const { key } = orThrow(
    await hw.apiKeys.create({ kind: 'secret', name: 'test', scopes: ['admin'] }),
  );
  const call = (method: string, path: string, body?: object) =>
    hw.handler(
      new Request(`https://go.shop.test/hw/api${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
  const clicked = orThrow(
    await hw.links.create({ domain: 'go.shop.test', key: 'jane', url: 'https://shop.test/' }),
  );
  const redirect = await hw.handler(
    new Request(`https://${clicked.domain}/${clicked.key}?fbclid=IwAR2abc`),
  );
  expect(redirect.status).toBe(302);

  const identified = orThrow(
    await hw.visitors.identify({ externalId: 'cust_jane', email: 'jane.doe@example.com' }),
  );
  const visitor = identified.visitor!;
  orThrow(
    await hw.events.submitSale(visitor, {
      amountMinor: 4_999n,
      currency: 'USD',
      url: 'https://shop.test/thanks?of=jane',
      consent: { ads: 'granted', analytics: 'granted' },
    }),
  );
  clock.advance({ minutes: 1 });
  await hw.connectors.deliverDue();
  await hw.webhooks.deliverDue();
  expect((await call('GET', `/visitors/${visitor.id}`)).status).toBe(200);
  expect((await call('GET', '/links?search=jane')).status).toBe(200);

  const source = orThrow(await hw.payments.create({ provider: 'stripe', secret: 'whsec_1' }));
  await hw.payments.receive(source.id, { headers: {}, text: '{"of":"jane"}' });

  const told = spans.getFinishedSpans().map(({ name, attributes }) => ({ name, attributes }));
  const ofWorkspace = { 'headwater.workspace_id': workspaceId };
  expect(told).toEqual(
    expect.arrayContaining([
      {
        name: 'GET /hw/api/links',
        attributes: {
          ...ofWorkspace,
          'http.request.method': 'GET',
          'http.route': '/hw/api/links',
          'http.response.status_code': 200,
        },
      },
      { name: 'ingest batch', attributes: { ...ofWorkspace, 'headwater.events': 1 } },
      {
        name: 'deliver dispatches',
        attributes: {
          ...ofWorkspace,
          'headwater.connector': 'meta',
          'headwater.dispatches.delivered': 1,
          'headwater.dispatches.retried': 0,
          'headwater.dispatches.failed': 0,
          'headwater.dispatches.skipped': 0,
        },
      },
      {
        name: 'deliver webhook',
        attributes: expect.objectContaining({
          ...ofWorkspace,
          'headwater.outcome': 'delivered',
          'http.response.status_code': 204,
        }),
      },
      {
        name: 'receive payment message',
        attributes: {
          ...ofWorkspace,
          'headwater.payment_provider': 'stripe',
          'headwater.outcome': 'unauthorized',
        },
      },
    ]),
  );
  expect(told.map(({ name }) => name)).toContain('GET /hw/api/visitors/{id}');
  const everything = JSON.stringify(
    spans
      .getFinishedSpans()
      .map(({ name, attributes, events, status }) => [name, attributes, events, status]),
  );
  for (const ofSomebody of ['jane', 'IwAR2abc', 'example.com', 'shop.test', visitor.id, key])
    expect(everything).not.toContain(ofSomebody);

  await telemetry.meterProvider.forceFlush();
  const numbers = Object.fromEntries(
    metrics
      .getMetrics()
      .at(-1)!
      .scopeMetrics.flatMap((scope) => scope.metrics)
      .map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints[0]!.value]),
  );
  const scraped = hw
    .metrics()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' ') as [string, string])
    .map(([name, value]) => [name, Number(value)] as const);
  expect(numbers).toEqual(Object.fromEntries(scraped));
  expect(numbers).toMatchObject({ headwater_dispatches_delivered_total: 1 });
}, 60_000);

it('a request goes on with the trace of its caller, and begins its own where that is none', async () => {
  const { spans, telemetry } = openExporters();
  await using hw = await createTestHeadwater({ telemetry });
  const { key } = orThrow(
    await hw.apiKeys.create({ kind: 'secret', name: 'test', scopes: ['admin'] }),
  );
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const spanId = 'b7ad6b7169203331';
  const ask = async (traceparent: string) => {
    const headers = { authorization: `Bearer ${key}`, traceparent };
    await hw.handler(new Request('https://shop.test/hw/api/links', { headers }));
    return spans.getFinishedSpans().findLast(({ name }) => name === 'GET /hw/api/links')!;
  };
  const going = await ask(`00-${traceId}-${spanId}-01`);
  expect(going.spanContext().traceId).toBe(traceId);
  expect(going.parentSpanContext).toMatchObject({ spanId, isRemote: true });
  for (const wrong of [
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `ff-${traceId}-${spanId}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    'nonsense',
  ]) {
    const own = await ask(wrong);
    expect([own.parentSpanContext, own.spanContext().traceId === traceId]).toEqual([
      undefined,
      false,
    ]);
  }
}, 60_000);

it('a started engine counts what waits for ad platforms and for webhooks', async () => {
  await using receiver = await openReceiver();
  receiver.answer = { status: 500 };
  await using hw = await createTestHeadwater({
    clock: createTestClock(new Date('2026-11-20T10:00:00Z')),
    webhooks: { allowPrivateNetworks: true },
    connectors: { enabled: false },
  });
  orThrow(await hw.connectors.enable('meta', { credentials: goodCredentials['meta']! }));
  orThrow(await hw.webhooks.create({ url: receiver.url, eventTypes: ['conversion.created'] }));
  for (const externalId of ['ann', 'bob'])
    orThrow(
      await hw.events.sale(
        { externalId, amountMinor: 4_900n, currency: 'EUR' },
        { createsVisitor: true },
      ),
    );
  await hw.webhooks.deliverDue();
  expect(hw.metrics()).toContain('headwater_dispatches_waiting 0\n');
  await hw.start();
  await expect.poll(() => hw.metrics()).toContain('headwater_dispatches_waiting 2\n');
  await expect.poll(() => hw.metrics()).toContain('headwater_webhooks_waiting 2\n');
}, 60_000);
