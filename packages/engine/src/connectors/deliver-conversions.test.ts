import { describe, expect, it } from 'vitest';

import {
  connectorOf,
  contextOf,
  conversionOf,
  deliver,
  mary,
  startWorkedPlatforms,
} from '../../../../test/support/platforms/exercise.ts';
import type { Scripted } from '../../../../test/support/platforms/stand-in.ts';
import { ok, refuse } from '../kernel/result.ts';
import { without } from '../kernel/without.ts';
import { defineConnector } from './connector.ts';
import { deliverConversions } from './deliver-conversions.ts';

const sales = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    conversionOf({ eventId: `evt_${index}`, person: mary }),
  );

describe('deliverConversions', () => {
  it('cuts conversions into as many requests as the platform takes in one', async () => {
    await using platforms = await startWorkedPlatforms();
    const outcomes = await deliver(platforms, 'meta', sales(2_500));
    expect(outcomes.every(({ outcome }) => outcome === 'delivered')).toBe(true);
    expect(platforms.requests('meta')).toHaveLength(3);
    expect(platforms.counted('meta')).toHaveLength(2_500);
  });

  it('finds one wrong conversion among a thousand, and sends the others once each', async () => {
    await using platforms = await startWorkedPlatforms();
    const conversions = sales(1_000);
    const old = { ...conversions[613]!, occurredAt: new Date('2026-11-01T00:00:00Z') };
    const outcomes = await deliver(platforms, 'meta', conversions.with(613, old));
    expect(outcomes.flatMap(({ outcome }, row) => (outcome === 'delivered' ? [] : [row]))).toEqual([
      613,
    ]);
    expect(platforms.arrivals('meta')).toBe(999);
    expect(platforms.requests('meta').length).toBeLessThan(22);
  });

  it.each<[string, Scripted, string]>([
    ['429', { status: 429, headers: { 'retry-after': '60' } }, 'rate_limited'],
    ['a wrong token', { status: 400, body: { error: { code: 190 } } }, 'credentials'],
  ])('sends nothing more after %s', async (_, scripted, expected) => {
    await using platforms = await startWorkedPlatforms();
    platforms.script('meta', scripted);
    const outcomes = await deliver(platforms, 'meta', sales(1_001));
    expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set([expected]));
    expect(platforms.requests('meta')).toHaveLength(1);
  });

  it.each<[Scripted, string]>([
    ['close', 'closed'],
    ['close-after', 'closed'],
    ['silence', 'timeout'],
    [{ status: 500, body: 'Sorry' }, 'http_500'],
  ])('asks for another attempt after %o', async (scripted, code) => {
    await using platforms = await startWorkedPlatforms();
    platforms.script('meta', scripted);
    const options = { timeoutMilliseconds: 200 };
    expect(await deliver(platforms, 'meta', sales(1), options)).toMatchObject([
      { outcome: 'retry', code },
    ]);
    expect(await deliver(platforms, 'meta', sales(1), options)).toEqual([{ outcome: 'delivered' }]);
    expect(platforms.counted('meta')).toHaveLength(1);
  });

  it('asks before every request whether it may go out', async () => {
    await using platforms = await startWorkedPlatforms();
    const allowed = [true, false];
    const results = await deliverConversions(connectorOf('meta'), sales(1_001), contextOf('meta'), {
      fetch: platforms.fetch,
      admit: () => allowed.shift()!,
    });
    expect(results.at(999)).toMatchObject({ outcome: { outcome: 'delivered' } });
    expect(results.at(1_000)).toMatchObject({
      outcome: { outcome: 'rate_limited', code: 'own_limit' },
    });
  });

  it('tells what was exchanged, without secrets and without the body', async () => {
    await using platforms = await startWorkedPlatforms();
    platforms.script('snapchat', { status: 403, body: { reason: 'SNAP_TOKEN is not known' } });
    const [result] = await deliverConversions(
      connectorOf('snapchat'),
      sales(1),
      contextOf('snapchat'),
      { fetch: platforms.fetch },
    );
    expect(result).toMatchObject({
      outcome: { outcome: 'credentials' },
      payload: { eventId: 'evt_0' },
      exchange: {
        conversions: 1,
        status: 403,
        answer: '{"reason":"[secret] is not known"}',
        request: { method: 'POST', url: expect.stringMatching(/access_token=\[secret\]$/) },
      },
    });
    expect(JSON.stringify(result?.exchange)).not.toContain('SNAP_TOKEN');
  });

  it('sends what can be built where something can’t', async () => {
    await using platforms = await startWorkedPlatforms();
    const [sale] = sales(1);
    const free = without(sale!, 'money');
    expect(
      await deliver(platforms, 'meta', [{ ...free, eventId: 'evt_free' }, sale!]),
    ).toMatchObject([{ outcome: 'rejected', code: 'payload_invalid' }, { outcome: 'delivered' }]);
  });

  it('stops where the address is one that nothing may be sent to', async () => {
    const refused = Object.assign(new Error('no'), { code: 'ERR_REFUSED_ADDRESS' });
    const results = await deliverConversions(connectorOf('meta'), sales(1), contextOf('meta'), {
      fetch: () => Promise.reject(new TypeError('fetch failed', { cause: refused })),
    });
    expect(results).toMatchObject([
      { outcome: { outcome: 'credentials', code: 'address_refused' } },
    ]);
  });

  it.each(['build', 'request', 'classify'] as const)(
    'tries again later what a connector’s %s throws at, and no other is held up',
    async (part) => {
      await using platforms = await startWorkedPlatforms();
      const broken = {
        ...connectorOf('meta'),
        [part]: () => {
          throw new TypeError('undefined is not a function');
        },
      };
      const results = await deliverConversions(broken, sales(2), contextOf('meta'), platforms);
      const fault = { outcome: 'retry', code: 'connector_fault' };
      expect(results.map(({ outcome }) => outcome)).toMatchObject([fault, fault]);
    },
  );

  it.each([
    [500, 'rejected'],
    [504, 'rejected'],
    [503, 'retry'],
  ])('takes %s for %s where the platform would count a repeat twice', async (status, outcome) => {
    await using platforms = await startWorkedPlatforms();
    platforms.script('microsoft_offline', { status });
    expect(await deliver(platforms, 'microsoft_offline', sales(1))).toMatchObject([{ outcome }]);
  });

  it('leaves secrets out of what a connector of the host’s throws', async () => {
    const results = await deliverConversions(
      throwing,
      sales(1),
      { credentials: { key: 'hunter2' }, settings: {}, test: false, now: new Date(0) },
      { fetch },
    );
    expect(results).toMatchObject([
      { outcome: { outcome: 'retry', code: 'closed', message: 'cannot log in with [secret]' } },
    ]);
  });
});

const throwing = defineConnector({
  type: 'throwing',
  label: 'Throwing',
  eventTypes: ['sale'],
  requiredSignals: [],
  signals: {},
  credentials: { key: { label: 'Key', secret: true } },
  settings: {},
  batch: { conversionsMax: 1 },
  consent: { sending: [], person: [], device: [] },
  build: ({ eventId, money }) =>
    money === undefined
      ? refuse('payload_invalid', 'amount is required')
      : ok({ eventId, body: { id: eventId } }),
  deliver: (_payloads, { credentials }) =>
    Promise.reject(new Error(`cannot log in with ${credentials.key}`)),
  classify: () => ({ outcome: 'delivered' }),
});
