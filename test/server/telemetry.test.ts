import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, it } from 'vitest';

import { openReceiver } from '../support/receiver.ts';
import { callApi, runCommand, startServer } from './server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'headwater-telemetry-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const variables = { HEADWATER_DATA: join(folder, 'data') };

interface Sent {
  readonly resourceSpans?: ReadonlyArray<{
    readonly resource: { readonly attributes: readonly object[] };
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<{ name: string }> }>;
  }>;
}

it('headwater serve sends spans and metrics to a collector, the last ones when it stops', async () => {
  await using collector = await openReceiver();
  collector.answer = { status: 200 };
  await using server = await startServer({
    ...variables,
    OTEL_EXPORTER_OTLP_ENDPOINT: new URL(collector.url).origin,
  });
  expect((await callApi(server, server.secretKey!, 'GET', 'links')).status).toBe(200);
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });

  const sentTo = (path: string) => collector.received.filter((request) => request.path === path);
  const resources = sentTo('/v1/traces').flatMap(
    ({ text }) => (JSON.parse(text) as Sent).resourceSpans ?? [],
  );
  expect(resources[0]!.resource.attributes).toContainEqual({
    key: 'service.name',
    value: { stringValue: 'headwater' },
  });
  const names = resources
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans.map(({ name }) => name));
  expect(names).toContain('GET /hw/api/links');
  expect(sentTo('/v1/metrics').at(-1)?.text).toContain('headwater_events_total');
}, 120_000);

it('headwater serve names an address of a collector that is none', async () => {
  const wrong = await runCommand(['serve'], {
    ...variables,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
  });
  expect(wrong).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('OTEL_EXPORTER_OTLP_ENDPOINT: is the URL of a collector'),
  });
}, 60_000);
