import { deepEqual, doesNotThrow, equal, notEqual, ok } from 'node:assert/strict';

import type {
  Connector,
  ConnectorContext,
  Outcome,
  Payload,
  PlatformResponse,
} from '../connectors/connector.ts';
import { judgeConversion } from '../connectors/eligibility.ts';
import type { OutgoingConversion, OutgoingType } from '../connectors/outgoing-conversion.ts';
import { readConfiguration } from '../connectors/read-configuration.ts';
import { redactRequest, secretsOf } from '../connectors/redact-request.ts';
import { orThrow } from '../kernel/result.ts';
import { without } from '../kernel/without.ts';
import { sampleConversion, sampleNow } from './sample-conversion.ts';

export interface ConnectorSuiteOptions {
  readonly connector: Connector;
  /** Complete ones, in the form that they have on the platform; they are sent nowhere. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Values of its signals, where the form of a value matters. */
  readonly signals?: Readonly<Record<string, string>>;
  /** What the platform answers when all is well, and how it says that the credentials are wrong. */
  readonly answers: {
    readonly success: PlatformResponse;
    /** @default 401 without a body */
    readonly credentials?: PlatformResponse;
  };
  /**
   * It gives the platform amounts in minor units, or people in the clear, and means to.
   * @default []
   */
  readonly allowed?: readonly ('minor units' | 'plain people')[];
}

/** One law of the contract. */
export interface ConnectorCheck {
  readonly name: string;
  /** @throws {AssertionError} the connector breaks it. */
  run(): void;
}

/**
 * What holds for every connector: for those that come with Headwater, and for yours. It needs no test runner of its own.
 *
 * @example
 * for (const { name, run } of connectorSuite({ connector, credentials, answers })) it(name, run);
 */
export function connectorSuite(options: ConnectorSuiteOptions): readonly ConnectorCheck[] {
  const { connector, credentials, settings = {}, answers, allowed = [] } = options;
  const configuration = () => orThrow(readConfiguration(connector, { credentials, settings }));
  const context = (test = false): ConnectorContext => ({
    ...configuration(),
    ...(connector.oauth !== undefined && { accessToken: 'an-access-token-of-the-suite' }),
    test,
    now: sampleNow,
  });
  const sample = (type: OutgoingType = connector.eventTypes[0]!): OutgoingConversion =>
    sampleConversion(connector, type, options.signals);
  const payloadOf = (conversion = sample()): Payload =>
    orThrow(connector.build(conversion, context()));
  const judge = (conversion: OutgoingConversion) =>
    judgeConversion(connector, conversion, { now: sampleNow, configuration: configuration() });
  const classify = (response: PlatformResponse, count = 1): readonly Outcome[] => {
    const payloads = Array.from({ length: count }, () => payloadOf());
    const classified = connector.classify(response, payloads);
    return isList(classified) ? classified : payloads.map(() => classified);
  };

  const checks: Readonly<Record<string, () => void>> = {
    'has a type, a label and event types': () => {
      ok(/^[a-z][a-z0-9_]{0,39}$/.test(connector.type), 'type is a short name in lower case');
      ok(connector.label.length > 0, 'label is not empty');
      ok(connector.eventTypes.length > 0, 'eventTypes is not empty');
      ok(connector.batch.conversionsMax >= 1, 'batch.conversionsMax is at least 1');
      ok(
        (connector.request === undefined) !== (connector.deliver === undefined),
        'there is either request or deliver',
      );
    },
    'takes complete credentials and the defaults of its settings': () => {
      orThrow(readConfiguration(connector, { credentials }));
    },
    'names the credentials that are missing': () => {
      const required = Object.entries(connector.credentials).filter(
        ([, { optional }]) => !optional,
      );
      for (const [name] of required) {
        const refused = readConfiguration(connector, { credentials: without(credentials, name) });
        ok(!refused.ok && refused.errors?.[`credentials.${name}`] !== undefined, name);
      }
    },
    'takes a complete conversion of each of its types': () => {
      for (const type of connector.eventTypes) orThrow(judge(sample(type)));
    },
    'takes nothing without what it requires': () => {
      if (connector.requiredSignals.length === 0) return;
      const bare = { ...sample(), signals: {}, person: {}, device: {}, page: {} };
      const nothing = without(bare, 'orderId', 'money', 'items');
      refusedWith(judge(nothing), 'signals_missing');
    },
    'takes nothing that consent denies': () => {
      const denied = connector.consent.sending.map((purpose) => [purpose, 'denied'] as const);
      if (denied.length === 0) return;
      refusedWith(judge({ ...sample(), consent: Object.fromEntries(denied) }), 'consent_denied');
    },
    'takes no types that it does not list': () => {
      const other = (['lead', 'sale', 'registration', 'refund'] as const).find(
        (type) => !connector.eventTypes.includes(type),
      );
      if (other !== undefined) refusedWith(judge(sample(other)), 'event_type_unsupported');
    },
    'builds plain JSON, the same each time, and leaves the conversion alone': () => {
      for (const type of connector.eventTypes) {
        const conversion = deepFreeze(sample(type));
        const { body, eventId } = payloadOf(conversion);
        equal(eventId, conversion.eventId);
        deepEqual(JSON.parse(JSON.stringify(body)), body);
        deepEqual(payloadOf(conversion).body, body);
      }
    },
    'puts no credentials into payloads': () => {
      const text = JSON.stringify(payloadOf().body);
      for (const secret of secretsOf(connector, context())) ok(!text.includes(secret));
    },
    'tells the platform the id of the event': () => {
      if (connector.deduplicates !== undefined) return;
      ok(JSON.stringify(payloadOf().body).includes(sample().eventId), 'the event id is sent');
    },
    'never sends amounts in minor units': () => {
      if (allowed.includes('minor units') || !connector.eventTypes.includes('sale')) return;
      const text = JSON.stringify(payloadOf(sample('sale')).body);
      ok(!/\b4999\b/.test(text), '49.99 USD are not 4999');
      const money = { amountMinor: 4_999n, currency: 'JPY' };
      const yen = JSON.stringify(payloadOf({ ...sample('sale'), money, items: [] }).body);
      ok(!yen.includes('49.99'), '4999 JPY are not 49.99');
    },
    'sends no email and no phone number in the clear': () => {
      if (allowed.includes('plain people')) return;
      const text = JSON.stringify(payloadOf().body).toLowerCase();
      ok(!text.includes('@'), 'no email');
      ok(!text.replace(/\D/g, '').includes('6505551212'), 'no phone number');
    },
    'sends nothing of the person without consent to that': () => {
      const [purpose] = connector.consent.person;
      if (purpose === undefined) return;
      const judged = judge({ ...sample(), consent: { [purpose]: 'denied' } });
      if (!judged.ok) return;
      const withheld = Object.values(judged.value.person).filter((value) => value !== undefined);
      deepEqual(withheld, []);
    },
    'asks a platform over https, and shows no secret in what is logged': () => {
      if (connector.request === undefined) return;
      const secrets = secretsOf(connector, context());
      for (const test of connector.testMode === undefined ? [false] : [false, true]) {
        const built = connector.build(sample(), context(test));
        if (!built.ok) continue;
        const request = connector.request([built.value], context(test));
        ok(request.url.startsWith('https://'), 'the address is https');
        const text = JSON.stringify(redactRequest(request, secrets));
        for (const secret of secrets) ok(!text.includes(secret), 'a secret is shown');
      }
    },
    'puts several conversions into one request, as many as it says': () => {
      const { conversionsMax } = connector.batch;
      if (connector.request === undefined || conversionsMax === 1) return;
      const payloads = ['one', 'two'].map((eventId) => payloadOf({ ...sample(), eventId }));
      const { body } = connector.request(payloads, context());
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      for (const payload of payloads) ok(text.includes(JSON.stringify(payload.body)));
    },
    'asks otherwise in test mode': () => {
      if (connector.testMode === undefined || connector.request === undefined) return;
      const payload = payloadOf();
      const tested = connector.build(sample(), context(true));
      if (!tested.ok) return;
      notEqual(
        JSON.stringify(connector.request([tested.value], context(true))),
        JSON.stringify(connector.request([payload], context())),
      );
    },
    'reads success as delivered': () => {
      for (const { outcome } of classify(answers.success)) equal(outcome, 'delivered');
    },
    'reads 429 as too much, for as long as it says': () => {
      const [outcome] = classify({ status: 429, headers: { 'retry-after': '30' }, body: '' });
      ok(outcome?.outcome === 'rate_limited' || outcome?.outcome === 'retry');
    },
    'reads outages as something to try again': () => {
      for (const status of [500, 502, 503, 504])
        equal(classify({ status, headers: {}, body: '<html>Sorry</html>' })[0]?.outcome, 'retry');
    },
    'reads wrong credentials as what stops everything': () => {
      const refusal = answers.credentials ?? { status: 401, headers: {}, body: '' };
      equal(classify(refusal)[0]?.outcome, 'credentials');
    },
    'has an outcome for every conversion, whatever comes back': () => {
      const count = Math.min(3, connector.batch.conversionsMax);
      for (const status of [200, 201, 204, 207, 302, 400, 404, 409, 418, 422, 500])
        for (const body of ['', 'ok', null, [], {}, { error: {} }, { errors: [null] }, 42])
          doesNotThrow(() => {
            const outcomes = classify({ status, headers: {}, body }, count);
            equal(outcomes.length, count);
            for (const { outcome } of outcomes) ok(outcomeKinds.has(outcome), outcome);
          });
    },
    'never sends a lone conversion again at once': () => {
      for (const status of [200, 400, 422])
        notEqual(classify({ status, headers: {}, body: {} })[0]?.outcome, 'resend');
    },
  };
  return Object.entries(checks).map(([name, run]) => ({ name, run }));
}

const outcomeKinds: ReadonlySet<string> = new Set([
  'delivered',
  'retry',
  'rate_limited',
  'rejected',
  'credentials',
  'resend',
]);

function isList(classified: Outcome | readonly Outcome[]): classified is readonly Outcome[] {
  return Array.isArray(classified);
}

function refusedWith(judged: ReturnType<typeof judgeConversion>, code: string): void {
  ok(!judged.ok, `it is refused with ${code}`);
  equal(judged.code, code);
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
