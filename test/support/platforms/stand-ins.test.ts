/** The stand-ins find what the platforms would: each worked request with one thing wrong in it. */
import { describe, expect, it } from 'vitest';

import type { OutgoingRequest } from '../../../packages/engine/src/connectors/connector.ts';
import { conversionOf, mary, requestOf, safari, startWorkedPlatforms } from './exercise.ts';
import type { ExerciseOptions } from './exercise.ts';

const sale = conversionOf({
  eventId: 'evt_1',
  orderId: 'ord_1',
  person: mary,
  device: { ipAddress: '203.0.113.45', userAgent: safari },
  page: { url: 'https://shop.example.com/thanks' },
  signals: {
    _fbp: 'fb.1.1794992401234.1098115397',
    gclid: 'G1',
    msclkid: 'M1',
    ttclid: 'T1',
    _ga: 'GA1.1.1111111111.1794992400',
    ga_session_id: '1795169000',
  },
});

/** Where the event is in a request, and the hash of the email, the amount and the time in it. */
interface Shape {
  readonly standIn?: string;
  readonly options?: ExerciseOptions;
  readonly event: string;
  readonly email: string;
  readonly amount?: string;
  readonly time: string;
}

const shapes: Readonly<Record<string, Shape>> = {
  meta: {
    event: 'data.0',
    email: 'user_data.em.0',
    amount: 'custom_data.value',
    time: 'event_time',
  },
  google: {
    standIn: 'google_data_manager',
    event: 'events.0',
    email: 'userData.userIdentifiers.0.emailAddress',
    amount: 'conversionValue',
    time: 'eventTimestamp',
  },
  tiktok: {
    event: 'data.0',
    email: 'user.email',
    amount: 'properties.value',
    time: 'event_time',
  },
  linkedin: {
    event: '',
    email: 'user.userIds.0.idValue',
    amount: 'conversionValue.amount',
    time: 'conversionHappenedAt',
  },
  microsoft: {
    event: 'data.0',
    email: 'userData.em',
    amount: 'customData.value',
    time: 'eventTime',
  },
  microsoft_offline: {
    event: 'OfflineConversions.0',
    email: 'HashedEmailAddress',
    amount: 'ConversionValue',
    time: 'ConversionTime',
  },
  pinterest: {
    event: 'data.0',
    email: 'user_data.em.0',
    amount: 'custom_data.value',
    time: 'event_time',
  },
  snapchat: {
    event: 'data.0',
    email: 'user_data.em.0',
    amount: 'custom_data.value',
    time: 'event_time',
  },
  reddit: {
    event: 'data.events.0',
    email: 'user.email',
    amount: 'metadata.value',
    time: 'event_at',
  },
  x: {
    event: 'conversions.0',
    email: 'identifiers.0.hashed_email',
    amount: 'value',
    time: 'conversion_time',
  },
  ga4: {
    options: { settings: { send_user_data: true } },
    event: '',
    email: 'user_data.sha256_email_address',
    amount: 'events.0.params.value',
    time: 'timestamp_micros',
  },
};

type Body = Record<string, unknown>;

describe.each(Object.entries(shapes))('the stand-in of %s', (type, shape) => {
  const { standIn = type } = shape;
  const at = (path: string): string => (shape.event === '' ? path : `${shape.event}.${path}`);
  const right = (): OutgoingRequest => requestOf(type, [sale], shape.options);

  const changed = (path: string, value: unknown): OutgoingRequest => {
    const request = right();
    return { ...request, body: withValue(request.body as Body, path, value) as never };
  };

  it('counts what is right', async () => {
    expect(await counts(standIn, right())).toBe(1);
  });

  it.each<[string, string, unknown]>([
    ['an email in the clear', shape.email, 'jane.doe@gmail.com'],
    ['a hash in upper case', shape.email, 'A'.repeat(64)],
    ['an amount of the wrong type', shape.amount!, { amount: 1 }],
    ['an amount with too many decimals', shape.amount!, type === 'x' ? '49.999' : 49.999],
    ['a time of another form', shape.time, 'yesterday'],
    ['a field that is unknown', 'surprise', 1],
  ])('does not count %s', async (_, path, value) => {
    expect(await counts(standIn, changed(at(path), value))).toBe(0);
  });

  it('does not count what has no time', async () => {
    // GA4 takes the time at which it arrives.
    expect(await counts(standIn, changed(at(shape.time), undefined))).toBe(type === 'ga4' ? 1 : 0);
  });

  it('does not count without the right credentials', async () => {
    const { url, headers } = right();
    const secret = /(?:secret|token)=\w+/;
    const request = {
      ...right(),
      url: url.replace(secret, 'wrong=1'),
      headers: secret.test(url) ? headers : {},
    };
    expect(await counts(standIn, request)).toBe(0);
  });
});

it.each([
  ['meta', 'data', 1_000],
  ['google', 'events', 2_000],
  ['tiktok', 'data', 1_000],
  ['linkedin', 'elements', 5_000],
  ['microsoft', 'data', 1_000],
  ['microsoft_offline', 'OfflineConversions', 1_000],
  ['pinterest', 'data', 1_000],
  ['snapchat', 'data', 2_000],
  ['reddit', 'data.events', 1_000],
  ['x', 'conversions', 500],
])('the stand-in of %s takes no more in %s than %s', async (type, list, most) => {
  const request = requestOf(type, [sale, { ...sale, eventId: 'evt_2' }]);
  const body = request.body as Body;
  const one = list
    .split('.')
    .reduce<unknown>((each, key) => (each as Body)[key], body) as unknown[];
  const many = Array.from({ length: most + 1 }, () => one[0]);
  const standIn = shapes[type]?.standIn ?? type;
  expect(await counts(standIn, { ...request, body: withValue(body, list, many) as never })).toBe(0);
});

describe('the stand-ins', () => {
  it('are the only hosts that can be reached', async () => {
    await using platforms = await startWorkedPlatforms();
    await expect(platforms.fetch('https://example.com/')).rejects.toThrow('fetch failed');
    await expect(platforms.fetch('http://graph.facebook.com/')).rejects.toThrow('fetch failed');
  });

  it('play what they are told, one request each, and then judge again', async () => {
    await using platforms = await startWorkedPlatforms();
    const { url, headers, body } = requestOf('meta', [sale]);
    const send = () =>
      platforms.fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    platforms.script('meta', { status: 500 }, 'close', 'close-after');
    expect((await send()).status).toBe(500);
    await expect(send()).rejects.toThrow('fetch failed');
    expect(platforms.arrivals('meta')).toBe(0);
    await expect(send()).rejects.toThrow('fetch failed');
    expect(platforms.arrivals('meta')).toBe(1);
    expect((await send()).status).toBe(200);
    expect(platforms.counted('meta')).toHaveLength(1);
    expect(platforms.requests('meta')).toHaveLength(4);
  });
});

/** How many conversions it counts of a request. */
async function counts(standIn: string, request: OutgoingRequest): Promise<number> {
  await using platforms = await startWorkedPlatforms();
  await platforms.fetch(request.url, {
    method: request.method,
    headers: { ...request.headers, 'content-type': 'application/json' },
    body: JSON.stringify(request.body),
  });
  return platforms.counted(standIn).length;
}

/** A copy with another value at a path; `undefined` takes it away. */
function withValue(body: Body, path: string, value: unknown): Body {
  const copy = structuredClone(body);
  const keys = path.split('.');
  const last = keys.pop()!;
  const inside = keys.reduce<Body>((each, key) => each[key] as Body, copy);
  if (value === undefined) delete inside[last];
  else inside[last] = value;
  return copy;
}
