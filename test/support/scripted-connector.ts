import { defineConnector } from '../../packages/engine/src/connectors/connector.ts';
import type { Connector, Outcome } from '../../packages/engine/src/connectors/connector.ts';

/** One conversion as the stand-in is told of it. */
export interface ToldConversion {
  readonly eventId: string;
  readonly type: string;
  readonly signals: Readonly<Record<string, string>>;
  readonly seenAt: Readonly<Record<string, string>>;
  readonly email?: string;
  readonly value?: string;
  readonly refunds?: string;
}

export interface ToldRequest {
  readonly account: string;
  readonly key: string;
  readonly conversions: readonly ToldConversion[];
}

/** What the stand-in does with a request. */
export type ScriptedAnswer =
  | {
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly rows?: readonly string[];
    }
  /** It counts what it was told, and nobody hears of it. */
  | 'counts_and_closes'
  | 'never_arrives';

/** An ad platform that does as it is told, and counts each event id once. */
export interface ScriptedPlatform {
  readonly connector: Connector;
  readonly fetch: typeof fetch;
  readonly requests: ToldRequest[];
  /** How often each event id was sent. */
  readonly sent: Map<string, number>;
  /** What it has counted: each once, whatever arrives. */
  readonly counted: Set<string>;
  answer: (request: ToldRequest, number: number) => ScriptedAnswer | Promise<ScriptedAnswer>;
}

export function createScriptedPlatform(
  changes: Partial<Pick<Connector, 'batch' | 'rates' | 'deduplicates'>> = {},
): ScriptedPlatform {
  const requests: ToldRequest[] = [];
  const sent = new Map<string, number>();
  const counted = new Set<string>();
  const platform: ScriptedPlatform = {
    connector: scriptedConnector(changes),
    requests,
    sent,
    counted,
    answer: () => ({ status: 200 }),
    async fetch(input, init) {
      const request = new Request(input, init);
      const told: ToldRequest = {
        account: new URL(request.url).pathname.slice(1),
        key: request.headers.get('x-api-key') ?? '',
        conversions: (await request.json()) as ToldConversion[],
      };
      const number = requests.push(told);
      const answer = await platform.answer(told, number);
      if (answer === 'never_arrives')
        throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
      for (const { eventId } of told.conversions) sent.set(eventId, (sent.get(eventId) ?? 0) + 1);
      const isCounted = answer === 'counts_and_closes' || answer.status === 200;
      const rows = answer === 'counts_and_closes' ? undefined : answer.rows;
      for (const [index, { eventId }] of told.conversions.entries())
        if (isCounted && (rows?.[index] ?? 'ok') === 'ok') counted.add(eventId);
      if (answer === 'counts_and_closes') throw new TypeError('terminated');
      return Response.json(
        { rows: rows ?? null },
        { status: answer.status, headers: answer.headers },
      );
    },
  };
  return platform;
}

function scriptedConnector(changes: Partial<Connector>): Connector {
  return {
    ...defineConnector({
      type: 'stand_in',
      label: 'Stand-in',
      eventTypes: ['lead', 'sale', 'registration', 'refund'],
      requiredSignals: [['gclid', 'email']],
      signals: {
        gclid: { window: { days: 30 }, from: 'url' },
        _fbp: { window: { days: 90 }, from: 'cookie' },
      },
      credentials: {
        account: { label: 'Account', secret: false },
        api_key: { label: 'API key', secret: true },
      },
      settings: { version: { type: 'text', label: 'Version', default: 'v1' } },
      ageMax: () => ({ days: 7 }),
      batch: { conversionsMax: 10 },
      consent: { sending: ['ads'], person: ['ad_user_data'], device: [] },
      matchWeights: { gclid: 0.9, email: 0.8 },
      testMode: 'shows them',
      build: (conversion) => ({
        ok: true,
        value: {
          eventId: conversion.eventId,
          body: {
            eventId: conversion.eventId,
            type: conversion.type,
            signals: Object.fromEntries(
              Object.entries(conversion.signals).map(([name, { value }]) => [name, value]),
            ),
            seenAt: Object.fromEntries(
              Object.entries(conversion.signals).map(([name, { seenAt }]) => [
                name,
                seenAt.toISOString(),
              ]),
            ),
            ...(conversion.person.email !== undefined && { email: conversion.person.email }),
            ...(conversion.money !== undefined && {
              value: `${conversion.money.amountMinor} ${conversion.money.currency}`,
            }),
            ...(conversion.refunded !== undefined && { refunds: conversion.refunded.eventId }),
          },
        },
      }),
      request: (payloads, { credentials }) => ({
        method: 'POST',
        url: `https://stand-in.test/${credentials.account}`,
        headers: { 'x-api-key': credentials.api_key },
        body: payloads.map(({ body }) => body),
      }),
      classify: ({ status, headers, body }, payloads) => {
        const why = { code: `http_${status}`, message: 'The stand-in says so.' };
        const retryAfter = Number(headers['retry-after'] ?? Number.NaN);
        const later = Number.isNaN(retryAfter) ? {} : { retryAfterSeconds: retryAfter };
        if (status === 429) return { outcome: 'rate_limited', ...why, ...later };
        if (status === 401) return { outcome: 'credentials', ...why };
        if (status === 400) return { outcome: 'rejected', ...why };
        if (status >= 500) return { outcome: 'retry', ...why, ...later };
        const { rows } = body as { readonly rows: readonly string[] | null };
        return payloads.map((_, index): Outcome => {
          switch (rows?.[index] ?? 'ok') {
            case 'ok':
              return { outcome: 'delivered', reference: 'r-1' };
            case 'bad':
              return { outcome: 'rejected', code: 'bad_row', message: 'The row is bad.' };
            case 'resend':
              return { outcome: 'resend' };
            default:
              return { outcome: 'retry', code: 'row_later', message: 'Later.' };
          }
        });
      },
    }),
    ...changes,
  };
}
