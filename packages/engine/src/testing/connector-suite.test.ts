import { describe, expect, it } from 'vitest';

import { goodCredentials } from '../../../../test/support/platforms/platforms.ts';
import { builtInConnectors } from '../connectors/built-in-connectors.ts';
import { defineConnector } from '../connectors/connector.ts';
import type { Connector, PlatformResponse } from '../connectors/connector.ts';
import { ok } from '../kernel/result.ts';
import { connectorSuite } from './connector-suite.ts';
import type { ConnectorSuiteOptions } from './connector-suite.ts';

const success: Readonly<Record<string, Partial<PlatformResponse>>> = {
  meta: { body: { events_received: 1, messages: [], fbtrace_id: 'AbC' } },
  google: { body: { requestId: '126365e1-16d0-4c81-9de9-f362711e250a' } },
  tiktok: { body: { code: 0, message: 'OK', request_id: 'r', data: {} } },
  linkedin: { status: 201, body: '' },
  pinterest: {
    body: { events: [{ status: 'processed', error_message: null, warning_message: null }] },
  },
  ga4: { status: 204, body: '' },
};
const wrongCredentials: Readonly<Record<string, Partial<PlatformResponse>>> = {
  meta: { status: 400, body: { error: { code: 190, message: 'expired' } } },
  tiktok: { body: { code: 40_105, message: 'revoked' } },
};

describe.each(builtInConnectors.map((connector) => [connector.type, connector] as const))(
  'the connector %s',
  (type, connector) => {
    it.each(connectorSuite(optionsOf(type, connector)))('$name', ({ run }) => {
      expect(run).not.toThrow();
    });
  },
);

describe('google in its second mode', () => {
  const google = builtInConnectors.find(({ type }) => type === 'google')!;
  const options = { ...optionsOf('google', google), settings: { api: 'google_ads' } };
  it.each(connectorSuite(options))('$name', ({ run }) => {
    expect(run).not.toThrow();
  });
});

describe('a connector that breaks the contract', () => {
  const breaks = (change: Partial<Connector>): readonly string[] => {
    const connector = { ...sound, ...change };
    const checks = connectorSuite({ connector, credentials, answers: { success: answer({}) } });
    return checks.flatMap(({ name, run }) => {
      try {
        run();
        return [];
      } catch {
        return [name];
      }
    });
  };

  it('is found out by name', () => {
    expect(breaks({})).toEqual([]);
    expect(breaks({ type: 'Not A Type' })).toContain('has a type, a label and event types');
    expect(breaks({ classify: () => ({ outcome: 'delivered' }) })).toEqual([
      'reads 429 as too much, for as long as it says',
      'reads outages as something to try again',
      'reads wrong credentials as what stops everything',
    ]);
    expect(breaks({ classify: () => [] })).toContain(
      'has an outcome for every conversion, whatever comes back',
    );
    expect(
      breaks({
        build: ({ eventId, money, person }) =>
          ok({
            eventId,
            body: { value: Number(money?.amountMinor), email: String(person.email), eventId },
          }),
      }),
    ).toEqual([
      'never sends amounts in minor units',
      'sends no email and no phone number in the clear',
    ]);
    expect(
      breaks({
        request: (payloads, context) => ({
          method: 'POST',
          url: 'http://mine.example/',
          headers: {},
          body: { ...payloads[0]!.body, key: String(context.credentials['api_key']) },
        }),
      }),
    ).toContain('asks a platform over https, and shows no secret in what is logged');
  });
});

const credentials = { api_key: 'a-very-secret-key' };
const sound = defineConnector({
  type: 'mine',
  label: 'Mine',
  eventTypes: ['sale'],
  requiredSignals: [['email']],
  signals: {},
  credentials: { api_key: { label: 'API key', secret: true } },
  settings: {},
  batch: { conversionsMax: 1 },
  consent: { sending: ['ads'], person: ['ad_user_data'], device: ['ad_user_data'] },
  build: ({ eventId }) => ok({ eventId, body: { id: eventId } }),
  request: (payloads, context) => ({
    method: 'POST',
    url: 'https://mine.example/',
    headers: { 'x-api-key': context.credentials.api_key },
    body: payloads[0]!.body,
  }),
  classify: ({ status }) => {
    const reason = { code: `http_${status}`, message: 'It says no.' };
    if (status < 300) return { outcome: 'delivered' };
    if (status === 401) return { outcome: 'credentials', ...reason };
    if (status === 429) return { outcome: 'rate_limited', ...reason };
    return status >= 500 ? { outcome: 'retry', ...reason } : { outcome: 'rejected', ...reason };
  },
});

function answer(response: Partial<PlatformResponse>): PlatformResponse {
  return { status: 200, headers: {}, body: '', ...response };
}

function optionsOf(type: string, connector: Connector): ConnectorSuiteOptions {
  const refusal = wrongCredentials[type];
  return {
    connector,
    credentials: goodCredentials[type]!,
    answers: {
      success: answer(success[type] ?? {}),
      ...(refusal !== undefined && { credentials: answer(refusal) }),
    },
    ...(type === 'http' && { allowed: ['minor units'] }),
  };
}
