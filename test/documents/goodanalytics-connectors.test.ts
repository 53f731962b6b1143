/** The connectors of GoodAnalytics' document: its table of built-in ones, and its custom one, as TypeScript. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as connectors from 'headwater/connectors';
import {
  builtInConnectors,
  defineConnector,
  deliverConversions,
  judgeConversion,
  ok,
  readConfiguration,
} from 'headwater/connectors';
import type { Connector, OutgoingConversion } from 'headwater/connectors';
import { orThrow } from 'headwater';
import { connectorSuite } from 'headwater/testing';
import { describe, expect, it } from 'vitest';

let answer = 200;
const custom = defineConnector({
  type: 'custom',
  eventTypes: ['lead', 'sale'],
  requiredSignals: [['my_signal']],
  credentials: { api_key: { label: 'API key', secret: true } },
  build: ({ eventId }) => ok({ eventId, body: { id: eventId } }),
  deliver: async () => ({ status: answer, headers: {}, body: '' }),
  classify({ status }) {
    const reason = { code: `http_${status}`, message: `The platform answered ${status}.` };
    if (status === 200) return { outcome: 'delivered' };
    if (status === 429) return { outcome: 'rate_limited', ...reason };
    if (status === 401) return { outcome: 'credentials', ...reason };
    return { outcome: 'retry', ...reason };
  },
});

const occurredAt = new Date('2026-11-20T10:15:30Z');
const lead: OutgoingConversion = {
  eventId: 'evt_1',
  type: 'lead',
  occurredAt,
  person: {},
  device: {},
  page: {},
  consent: {},
  signals: { my_signal: { value: 'abc', seenAt: occurredAt } },
};

describe('the custom connector of the document', () => {
  const configuration = orThrow(readConfiguration(custom, { credentials: { api_key: 'key' } }));
  const judge = (conversion: OutgoingConversion) =>
    judgeConversion(custom, conversion, { now: occurredAt, configuration });

  it('takes leads and sales with its signal', () => {
    expect(judge(lead)).toMatchObject({ ok: true });
    expect(judge({ ...lead, signals: {} })).toMatchObject({ code: 'signals_missing' });
    expect(judge({ ...lead, type: 'registration' })).toMatchObject({
      code: 'event_type_unsupported',
    });
  });

  it.each([
    [200, 'delivered'],
    [429, 'rate_limited'],
    [401, 'credentials'],
    [500, 'retry'],
  ])('takes %s for %s', async (status, outcome) => {
    answer = status;
    const context = { ...configuration, test: false, now: occurredAt };
    expect(await deliverConversions(custom, [lead], context, { fetch })).toMatchObject([
      { conversion: lead, outcome: { outcome } },
    ]);
  });

  const checks = connectorSuite({
    connector: custom,
    credentials: { api_key: 'key-of-the-suite' },
    answers: { success: { status: 200, headers: {}, body: '' } },
  });
  it.each(checks)('$name', ({ run }) => {
    expect(run).not.toThrow();
  });
});

describe('the built-in connectors of the document', () => {
  const byType = new Map<string, Connector>(
    builtInConnectors.map((connector) => [connector.type, connector]),
  );

  it.each([
    ['meta', ['_fbp', '_fbc', 'fbclid'], ['access_token', 'pixel_id']],
    [
      'google',
      ['gclid', 'gbraid', 'wbraid'],
      ['customer_id', 'conversion_action_id', 'access_token'],
    ],
    ['linkedin', ['li_fat_id'], ['access_token', 'conversion_rule_id', 'ad_account_id']],
    ['tiktok', ['ttclid'], ['access_token', 'pixel_code']],
  ])('%s takes the signals and has the credentials that it lists', (type, signals, credentials) => {
    const connector = byType.get(type)!;
    for (const signal of signals)
      expect(connector.requiredSignals.some((group) => group.includes(signal))).toBe(true);
    expect(Object.keys(connector.credentials)).toEqual(expect.arrayContaining(credentials));
  });
});

describe('docs/connectors.md', () => {
  const guide = readFileSync(
    join(import.meta.dirname, '..', '..', 'docs', 'connectors.md'),
    'utf8',
  );

  it.each(builtInConnectors.map((connector) => [connector.type, connector] as const))(
    'has the credentials and settings of %s',
    (type, connector) => {
      const [, section] = new RegExp(`^### .*\\(\`${type}\`\\)\\n(.*?)(?=^##|(?![^]))`, 'ms').exec(
        guide,
      ) ?? ['', ''];
      const names = [...Object.keys(connector.credentials), ...Object.keys(connector.settings)];
      for (const name of names.filter((each) => !/^(?:lead|sale|registration)_/.test(each)))
        expect(section).toContain(`\`${name}\``);
    },
  );
});

it('runs the example of docs/connectors.md', async () => {
  const guide = readFileSync(
    join(import.meta.dirname, '..', '..', 'docs', 'connectors.md'),
    'utf8',
  );
  // The section of connectors of one's own: what is before it needs an engine.
  const first = guide.lastIndexOf('```ts', guide.indexOf('import { defineConnector'));
  const code = [...guide.slice(first).matchAll(/^```ts\n(.*?)^```$/gms)]
    .map(([, block]) => block!.replace(/^import .*$/gm, '').replace(/^export /gm, ''))
    .join('\n');
  const given = { ...connectors, connectorSuite };
  const run = new AsyncFunction(...Object.keys(given), `${code}\nreturn checks.length;`);
  expect(await run(...Object.values(given))).toBeGreaterThan(20);
});

const AsyncFunction = (async () => undefined).constructor as new (
  ...words: string[]
) => (...values: unknown[]) => Promise<unknown>;
