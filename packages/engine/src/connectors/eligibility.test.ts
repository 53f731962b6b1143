import { describe, expect, it } from 'vitest';

import {
  clickedAt,
  connectorOf,
  contextOf,
  conversionOf,
  mary,
  occurredAt,
  safari,
} from '../../../../test/support/platforms/exercise.ts';
import { judgeConversion } from './eligibility.ts';
import { estimateMatch } from './match-quality.ts';
import type { OutgoingConversion } from './outgoing-conversion.ts';

const complete = conversionOf({
  person: mary,
  device: { ipAddress: '203.0.113.45', userAgent: safari },
  signals: { fbclid: 'F', gclid: 'G' },
  page: { url: 'https://shop.example.com/' },
});
const judge = (
  type: string,
  conversion: OutgoingConversion,
  options: { readonly now?: Date; readonly unasked?: 'denied' } = {},
) =>
  judgeConversion(connectorOf(type), conversion, {
    now: occurredAt,
    configuration: contextOf(type),
    ...options,
  });
const later = (days: number): Date => new Date(occurredAt.getTime() + days * 86_400_000);

describe('judgeConversion', () => {
  it('keeps the signals of the platform and no others', () => {
    expect(judge('meta', complete)).toMatchObject({
      ok: true,
      value: { signals: { fbclid: { value: 'F', seenAt: clickedAt } } },
    });
    expect(judge('http', complete)).toMatchObject({
      value: { signals: { fbclid: { value: 'F' }, gclid: { value: 'G' } } },
    });
  });

  it('leaves out a click whose window is over', () => {
    const old = { value: 'T', seenAt: new Date('2026-10-01T00:00:00Z') };
    const judged = judge('tiktok', { ...complete, signals: { ttclid: old } });
    expect(judged).toMatchObject({ ok: true, value: { signals: {} } });
  });

  it.each([
    ['meta', 7],
    ['tiktok', 7],
    ['linkedin', 90],
    ['google', 90],
    ['microsoft', 7],
    ['snapchat', 7],
    ['reddit', 7],
  ])('gives %s conversions of the last %s days', (type, days) => {
    expect(judge(type, complete, { now: later(days) })).toMatchObject({ ok: true });
    expect(judge(type, complete, { now: later(days + 0.01) })).toMatchObject({
      code: 'too_old',
      message: expect.stringContaining(`${days} days`),
    });
  });

  it('gives GA4 conversions of the last 72 hours', () => {
    const visit = conversionOf({ signals: { _ga: 'GA1.1.1.2' } });
    expect(judge('ga4', visit, { now: later(3) })).toMatchObject({ ok: true });
    expect(judge('ga4', visit, { now: later(3.01) })).toMatchObject({ code: 'too_old' });
  });

  it('gives nobody what has not happened yet', () => {
    expect(judge('meta', complete, { now: later(-0.01) })).toMatchObject({
      code: 'in_the_future',
    });
    // Reddit takes five minutes.
    expect(judge('reddit', complete, { now: later(-0.003) })).toMatchObject({ ok: true });
  });

  it('says which signals are missing, each group by itself', () => {
    expect(judge('pinterest', conversionOf({ device: { userAgent: safari } }))).toMatchObject({
      code: 'signals_missing',
      message: 'needs one of email, ip_address',
    });
    expect(judge('google', conversionOf())).toMatchObject({
      message: 'needs one of gclid, gbraid, wbraid, email, phone, full_name',
    });
  });

  it('sends nothing where ads are denied, and nothing of the person where that is', () => {
    expect(judge('meta', { ...complete, consent: { ads: 'denied' } })).toMatchObject({
      code: 'consent_denied',
    });
    expect(judge('meta', { ...complete, consent: { ad_user_data: 'denied' } })).toMatchObject({
      ok: true,
      value: { person: {}, device: {}, signals: { fbclid: { value: 'F' } } },
    });
    const noClick = { ...complete, signals: {}, consent: { ad_user_data: 'denied' as const } };
    expect(judge('meta', noClick)).toMatchObject({ code: 'signals_missing' });
  });

  it('takes silence for a denial only where that is asked for', () => {
    expect(judge('meta', complete)).toMatchObject({ ok: true });
    expect(judge('meta', complete, { unasked: 'denied' })).toMatchObject({
      code: 'consent_denied',
    });
  });

  it('gives Google refunds by its second API alone', () => {
    const refund = { ...complete, type: 'refund' as const };
    expect(judge('google', refund)).toMatchObject({ code: 'event_type_unsupported' });
    const configuration = contextOf('google', { settings: { api: 'google_ads' } });
    expect(
      judgeConversion(connectorOf('google'), refund, { now: occurredAt, configuration }),
    ).toMatchObject({ ok: true });
    expect(judge('meta', refund)).toMatchObject({ code: 'event_type_unsupported' });
  });
});

describe('estimateMatch', () => {
  it('grows with every signal, a second one less than the first', () => {
    const meta = connectorOf('meta');
    const nobody = estimateMatch(meta, conversionOf());
    const email = estimateMatch(meta, conversionOf({ person: { email: 'a@b.example' } }));
    const both = estimateMatch(
      meta,
      conversionOf({ person: { email: 'a@b.example', phone: '+16505551212' } }),
    );
    expect(nobody).toMatchObject({ score: 0, present: [] });
    expect(email).toMatchObject({ score: 60, present: ['email'] });
    expect(both.score).toBe(80);
    expect(both.missing[0]).toBe('_fbc|fbclid');
    expect(estimateMatch(meta, complete).score).toBeLessThanOrEqual(100);
  });
});
