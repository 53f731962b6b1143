import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import type { IncomingEvent, IngestOutcome } from '../ingest/event.ts';
import { day, hour, minute } from '../kernel/clock.ts';
import { createIdFactory } from '../kernel/id.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { orThrow } from '../kernel/result.ts';
import { createLink } from '../links/create-link.ts';
import { createPartner } from '../partners/change-partner.ts';
import { getLinkByKey } from '../links/get-link.ts';
import { createLinkCache } from '../links/link-cache.ts';
import { createApiKey } from '../workspaces/create-api-key.ts';
import { createWorkspace } from '../workspaces/create-workspace.ts';
import { updateWorkspace } from '../workspaces/update-workspace.ts';
import type { Workspace, WorkspaceSettings } from '../workspaces/workspace.ts';
import { beaconLimits } from './beacon-schema.ts';
import { anonymousToken } from './visitor-token.ts';
import { createBeacon } from './beacon.ts';
import { createDailySalts } from './daily-salt.ts';
import type { Beacon } from './beacon.ts';
import { createBrowserProof } from './browser-proof.ts';
import { BodyTooLargeError } from './exchange.ts';
import type { IncomingRequest, OutgoingResponse } from './exchange.ts';
import { insertPendingClick } from './pending-click-store.ts';

const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const eventId = '01931f00-0000-7000-8000-0000000000aa';
const clickId = '01931f00-0000-7000-8000-0000000000bb';
const page = { event_type: 'pageview', url: 'https://www.shop.example/pricing', referrer: '' };

let context: TestContext;
let workspace: Workspace;
let key: string;
let restrictedKey: string;
let beacon: Beacon;
/** What reached the pipeline, and how it answers. */
let submitted: IncomingEvent[];
let outcomeOf: (event: IncomingEvent) => IngestOutcome | Promise<IngestOutcome>;

beforeAll(async () => {
  context = await openTestContext('pglite', {
    links: { domains: ['go.shop.example', 'go.example'] },
    ownHosts: ['www.shop.example'],
  });
  workspace = await context.workspaces.first();
  const make = async (allowedHosts: string[]) =>
    orThrow(
      await createApiKey(context, workspace, { kind: 'publishable', name: 'page', allowedHosts }),
    ).key;
  key = await make([]);
  restrictedKey = await make(['www.shop.example', '*.other.example']);
  Object.assign(context, {
    ingest: {
      ...context.ingest,
      submit(event: IncomingEvent) {
        submitted.push(structuredClone(event));
        return Promise.resolve(event).then(outcomeOf);
      },
    },
  });
  const linkCache = createLinkCache({
    database: context.database,
    changeLog: context.changeLog,
    size: 100,
  });
  beacon = createBeacon(context, { linkCache, salts: createDailySalts(context) });
}, 30_000);
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(() => {
  submitted = [];
  outcomeOf = (event) => ({
    outcome: 'accepted',
    eventId: event.id,
    visitorId: event.id,
    identity: { outcome: 'known' },
  });
});

interface Sending {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface Answered extends Omit<OutgoingResponse, 'body' | 'headers'> {
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

async function send(sending: Sending): Promise<Answered> {
  const { body = page, method = 'POST', path = '/hw/t/event' } = sending;
  const bytes =
    body instanceof Uint8Array
      ? body
      : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const headers: Record<string, string> = {
    'user-agent': chrome,
    origin: 'https://www.shop.example',
    'content-type': 'text/plain;charset=UTF-8',
    ...sending.headers,
  };
  const request: IncomingRequest = {
    method,
    target: path,
    host: sending.host ?? 'go.shop.example',
    scheme: 'https',
    remoteAddress: '203.0.113.77',
    header: (name) => headers[name],
    body: (limit) =>
      bytes.byteLength > limit
        ? Promise.reject(new BodyTooLargeError())
        : Promise.resolve(new Uint8Array(bytes)),
  };
  const response = await beacon(request);
  if (response === undefined) throw new Error('not a beacon');
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers.filter(([name]) => name !== 'set-cookie')),
    cookies: response.headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value),
    body: typeof response.body === 'string' ? (JSON.parse(response.body) as Answered['body']) : {},
  };
}

const only = (): IncomingEvent => {
  expect(submitted).toHaveLength(1);
  return submitted[0]!;
};

async function withSettings(settings: WorkspaceSettings, work: () => Promise<void>): Promise<void> {
  orThrow(await updateWorkspace(context, workspace, { settings }));
  try {
    await work();
  } finally {
    const defaults = Object.fromEntries(Object.keys(settings).map((name) => [name, null]));
    orThrow(await updateWorkspace(context, workspace, { settings: defaults }));
  }
}

describe('an event', () => {
  it('goes into the pipeline as the page said it, with what the request adds', async () => {
    const answer = await send({
      body: {
        event_id: eventId,
        event_type: 'custom',
        event_name: ' signed_up ',
        url: 'https://www.shop.example/welcome?utm_source=news&utm_medium=email&gclid=abc',
        referrer: 'https://www.google.com/',
        properties: { plan: 'pro', seats: 3, trial: true, coupon: null },
        signals: { _fbp: 'fb.1.2.3' },
      },
    });
    expect(answer).toMatchObject({
      status: 200,
      body: { status: 'ok', outcome: 'accepted', event_id: only().id },
      headers: { 'cache-control': 'no-store', 'content-type': 'application/json' },
    });
    expect(only()).toEqual({
      workspaceId: workspace.id,
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      key: eventId,
      digest: expect.stringMatching(/^[0-9a-f]{16}$/),
      type: 'custom',
      name: 'signed_up',
      occurredAt: context.clock.now(),
      origin: 'beacon',
      identifiers: [{ kind: 'visitor', value: expect.stringMatching(/^[\w-]{22}$/) }],
      createsVisitor: true,
      arrival: {
        source: expect.objectContaining({
          source: 'google',
          platform: 'google_ads',
          kind: 'campaign',
        }),
        signals: { gclid: 'abc', _fbp: 'fb.1.2.3' },
      },
      url: 'https://www.shop.example/welcome?utm_source=news&utm_medium=email&gclid=abc',
      referrer: 'https://www.google.com/',
      userAgent: chrome,
      ipPrefix: '203.0.113.0/24',
      device: expect.objectContaining({ deviceType: 'desktop', browser: 'Chrome' }),
      properties: { plan: 'pro', seats: 3, trial: true, coupon: null },
    });
  });

  it('is a page view where no type is given', async () => {
    await send({ body: { url: 'https://www.shop.example/' } });
    expect(only().type).toBe('pageview');
  });

  it('takes the own site for no source', async () => {
    await send({ body: { ...page, referrer: 'https://www.shop.example/' } });
    expect(only().arrival?.source.kind).toBe('internal');
  });

  it('has a channel, and the app of a page without a referrer for its source', async () => {
    await send({ headers: { 'user-agent': `${chrome} [FBAN/FBIOS;FBAV/485.0]` } });
    expect(only().arrival?.source).toMatchObject({
      source: 'facebook',
      channel: 'Organic Social',
      rule: 'in_app.facebook',
      rulesVersion: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
    });
  });

  it.each<[page: object, source: object]>([
    [{ referrer: 'https://chatgpt.com/c/1' }, { source: 'chatgpt', medium: 'ai-assistant' }],
    [{ referrer: '' }, { kind: 'direct' }],
    [{}, { kind: 'direct' }],
    [
      { url: 'https://www.shop.example/?utm_source=newsletter&utm_medium=email', referrer: '' },
      { source: 'newsletter', medium: 'email' },
    ],
  ])(
    'is classified by what the page says, and not by the Referer of its request: %j',
    async (said, source) => {
      const url = 'https://www.shop.example/';
      await send({ headers: { referer: 'https://www.google.com/' }, body: { url, ...said } });
      expect(only().arrival?.source).toMatchObject(source);
    },
  );

  it('is refused with an id of its page that is too long to be one', async () => {
    const anonymous_id = 'x'.repeat(beaconLimits.anonymousIdCharactersMax);
    expect(await send({ body: { ...page, anonymous_id } })).toMatchObject({ status: 200 });
    expect(await send({ body: { ...page, anonymous_id: `${anonymous_id}x` } })).toMatchObject({
      status: 422,
      body: { errors: { anonymous_id: ['has more than 128 characters'] } },
    });
    only();
  });

  it("is classified by the workspace's rules first", async () => {
    const rule = {
      name: 'partners',
      when: [{ field: 'parameter', name: 'partner', exists: true }],
      set: { source: 'partners', medium: 'affiliate' },
    } as const;
    await withSettings({ sourceRules: [rule] }, async () => {
      await send({ body: { ...page, url: `${page.url}?partner=7&gclid=abc` } });
    });
    expect(only().arrival?.source).toMatchObject({
      source: 'partners',
      channel: 'Affiliates',
      clickIdType: 'gclid',
      rule: 'workspace.partners',
    });
  });

  it('has the same digest in a later attempt, and another one with another body', async () => {
    const body = { ...page, event_id: eventId, occurred_at: '2026-11-21T08:59:00.000Z' };
    await send({ body: { ...body, sent_at: '2026-11-21T08:59:01.000Z', attempt: 1 } });
    await send({ body: { ...body, sent_at: '2026-11-21T08:59:31.000Z', attempt: 2 } });
    await send({ body: { ...body, url: 'https://www.shop.example/other' } });
    const [first, second, third] = submitted.map((event) => event.digest);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it('keeps no event id that is no UUID', async () => {
    await send({ body: { ...page, event_id: 'order-42' } });
    expect(only().key).toBe(only().id);
  });

  it('goes into the workspace of the page, whatever workspace the body names', async () => {
    const stranger = orThrow(await createWorkspace(context, { name: 'Stranger' }));
    await send({ body: { ...page, workspace_id: stranger.id } });
    expect(only().workspaceId).toBe(workspace.id);
  });

  it('of a machine is recorded as one, and makes no visitor and no cookie', async () => {
    const answer = await send({
      headers: {
        'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
      },
      body: { ...page, person_external_id: 'x', anonymous_id: 'y' },
    });
    expect(only()).toMatchObject({ machine: 'Googlebot', identifiers: [], createsVisitor: false });
    expect(only().arrival).toBeUndefined();
    expect(answer.cookies).toEqual([]);
  });

  it('keeps that the browser asks for privacy', async () => {
    await send({ headers: { 'sec-gpc': '1' } });
    expect(only().consent).toEqual({ gpc: true });
  });

  it('of engagement has its numbers as properties, and is no arrival', async () => {
    await send({
      body: { ...page, event_type: 'engagement', engaged_ms: 9_999_999_999.5, scroll_depth: 80.4 },
    });
    expect(only().properties).toEqual({ engaged_ms: 1_800_000, scroll_depth: 80 });
    expect(only().arrival).toBeUndefined();
  });
});

describe('types that a page may claim', () => {
  it.each([
    'link_click',
    'api_request',
    'refund',
    'registration',
    'invitation',
    'redemption',
    'nonsense',
    7,
    {},
  ])('do not include %j', async (type) => {
    const answer = await send({ body: { ...page, event_type: type } });
    expect(answer).toMatchObject({
      status: 422,
      body: {
        status: 'error',
        code: 'validation_failed',
        errors: { event_type: [expect.any(String)] },
      },
    });
    expect(submitted).toEqual([]);
  });

  it.each(['pageview', 'custom', 'lead', 'share', 'engagement', 'session_start', 'identify'])(
    'include %s',
    async (type) => {
      expect(await send({ body: { ...page, event_type: type } })).toMatchObject({ status: 200 });
      expect(only().type).toBe(type);
    },
  );

  it('include sale only where the workspace lets pages claim sales', async () => {
    const body = { ...page, event_type: 'sale', amount_cents: 4900, currency: 'usd' };
    expect(await send({ body })).toMatchObject({
      status: 422,
      body: { errors: { event_type: [expect.any(String)] } },
    });
    await withSettings({ browserSales: true }, async () => {
      expect(await send({ body })).toMatchObject({ status: 200 });
    });
    expect(only()).toMatchObject({ type: 'sale', amountMinor: '4900', currency: 'USD' });
  });
});

describe('amounts', () => {
  it.each([-1, 1.5, 1e16, 1e300, true, {}, 'ten', '-5', '1e3'])('cannot be %j', async (amount) => {
    const answer = await send({ body: { ...page, event_type: 'lead', amount_cents: amount } });
    expect(answer).toMatchObject({
      status: 422,
      body: { errors: { amount_cents: [expect.any(String)] } },
    });
  });

  it.each(['XXX', 'dollars', 7, ''])('have no currency %j', async (currency) => {
    const answer = await send({ body: { ...page, event_type: 'lead', amount_cents: 1, currency } });
    expect(answer).toMatchObject({
      status: 422,
      body: { errors: { currency: [expect.any(String)] } },
    });
  });

  it('are in the currency of the workspace where none is named', async () => {
    await send({ body: { ...page, event_type: 'lead', amount_cents: '250' } });
    expect(only()).toMatchObject({ amountMinor: '250', currency: workspace.currency });
  });
});

describe('trimming', () => {
  it('cuts addresses at a character, and finds what they carried before', async () => {
    const url = `https://www.shop.example/?q=${'漢'.repeat(2_000)}😀`.padEnd(2_082, '!') + '😀';
    await send({ body: { url: `${url}${'x'.repeat(100_000)}&gclid=abc`, referrer: url } });
    expect(only().url).toHaveLength(2_082);
    expect(only().referrer).toHaveLength(2_082);
    expect(only().url?.isWellFormed()).toBe(true);
    expect(only().arrival?.signals).toEqual({ gclid: 'abc' });
  });

  it('leaves out addresses that are none of the web, and keeps apps as referrers', async () => {
    await send({
      body: { url: 'javascript:alert(1)', referrer: 'android-app://com.reddit.frontpage' },
    });
    expect(only().url).toBeUndefined();
    expect(only().referrer).toBe('android-app://com.reddit.frontpage');
    await send({ body: { url: 7, referrer: ['x'] } });
    expect(submitted[1]).not.toHaveProperty('url');
    expect(submitted[1]).not.toHaveProperty('referrer');
  });

  it('keeps the first 50 properties with a plain value, cut', async () => {
    const properties = {
      nested: { a: 1 },
      list: [1],
      long: 'x'.repeat(5_000),
      ['n'.repeat(300)]: 1,
      infinite: '@',
      ...Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`p${index}`, index])),
    };
    const text = JSON.stringify({ ...page, event_type: 'custom', properties }).replace(
      '"@"',
      '1e999',
    );
    await send({ body: text });
    const kept = only().properties!;
    expect(Object.keys(kept)).toHaveLength(beaconLimits.propertiesMax);
    expect(kept).toMatchObject({ long: 'x'.repeat(1_000), ['n'.repeat(100)]: 1, p0: 0, p47: 47 });
    expect(kept).not.toHaveProperty('infinite');
  });

  it('takes a property named __proto__ for a property', async () => {
    await send({
      body: `{"event_type":"custom","properties":{"__proto__":"x","constructor":"y"}}`,
    });
    expect(Object.entries(only().properties!)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });

  it('cuts names at 100 characters and takes blank ones for none', async () => {
    await send({ body: { ...page, event_name: 'n'.repeat(300) } });
    await send({ body: { ...page, event_name: '   ' } });
    expect(submitted[0]?.name).toBe('n'.repeat(100));
    expect(submitted[1]).not.toHaveProperty('name');
  });

  it('removes NUL and broken characters everywhere', async () => {
    await send({
      body: `{"event_type":"custom","event_name":"a\\u0000b\\ud800","properties":{"k\\u0000":"v\\u0000\\udfff"},
        "url":"https://www.shop.example/\\u0000\\ud800"}`,
    });
    expect(only()).toMatchObject({
      name: 'ab\uFFFD',
      properties: { k: 'v\uFFFD' },
      url: 'https://www.shop.example/\uFFFD',
    });
    expect(JSON.stringify(only())).not.toContain('\\u0000');
  });

  it('reads bytes that are no UTF-8 as the replacement character', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"event_type":"custom","event_name":"a'),
      Buffer.from([0xff, 0xc0]),
      Buffer.from('"}'),
    ]);
    await send({ body: bytes });
    expect(only().name).toBe('a\uFFFD\uFFFD');
  });
});

describe('refusals', () => {
  it.each([
    'event_id',
    'anonymous_id',
    'person_external_id',
    'person_email',
    'person_phone',
    'proof',
  ])('name %s where it is not text', async (field) => {
    for (const value of [7, true, {}, ['x'], 1e300]) {
      const answer = await send({ body: { ...page, [field]: value } });
      expect(answer).toMatchObject({
        status: 422,
        body: { errors: { [field]: ['must be a string'] } },
      });
    }
    const answer = await send({ body: { ...page, [field]: 'x'.repeat(12_000) } });
    expect(answer).toMatchObject({
      status: 422,
      body: { errors: { [field]: [expect.any(String)] } },
    });
    expect(submitted).toEqual([]);
  });

  it('answer 400 to what is no JSON, 415 to other types, 413 to more than 256 kB, 405 to other methods', async () => {
    for (const body of ['', '{', 'null x', 'event_type=pageview']) {
      expect(await send({ body })).toMatchObject({ status: 400, body: { code: 'invalid_json' } });
    }
    const typed = (type: string) => send({ headers: { 'content-type': type } });
    expect(await typed('application/x-www-form-urlencoded')).toMatchObject({ status: 415 });
    expect(await typed('application/json')).toMatchObject({ status: 200 });
    const large = await send({ body: { ...page, properties: { text: 'x'.repeat(300_000) } } });
    expect(large).toMatchObject({
      status: 413,
      headers: { 'access-control-allow-origin': 'https://www.shop.example' },
      body: { code: 'body_too_large' },
    });
    expect(await send({ method: 'GET' })).toMatchObject({
      status: 405,
      headers: { allow: 'POST, OPTIONS' },
    });
  });

  it('answer 422 to what is no event', async () => {
    for (const body of ['null', '7', '"x"', '[]', `[${'{},'.repeat(100)}{}]`]) {
      expect(await send({ body })).toMatchObject({
        status: 422,
        body: { code: 'validation_failed' },
      });
    }
    expect(submitted).toEqual([]);
  });

  it('come from the pipeline with 409 for another body under one id, and 422 otherwise', async () => {
    outcomeOf = (event) => ({
      outcome: 'rejected',
      eventId: event.id,
      code: 'idempotency_conflict',
      message: 'Another body',
    });
    expect(await send({})).toMatchObject({
      status: 409,
      body: {
        status: 'error',
        outcome: 'rejected',
        code: 'idempotency_conflict',
        error: 'Another body',
      },
    });
    outcomeOf = (event) => ({
      outcome: 'rejected',
      eventId: event.id,
      code: 'too_old',
      message: 'Too old',
    });
    expect(await send({})).toMatchObject({ status: 422, body: { code: 'too_old' } });
  });

  it('are 503 with Retry-After while the queue is full, for the whole list', async () => {
    outcomeOf = (event) => {
      if (event.name === 'second') throw new UnavailableError('Full', { retryAfterSeconds: 7 });
      return { outcome: 'accepted', eventId: event.id, identity: { outcome: 'known' } };
    };
    const answer = await send({
      body: ['first', 'second', 'third'].map((name) => ({ ...page, event_name: name })),
    });
    expect(answer).toMatchObject({
      status: 503,
      headers: {
        'retry-after': '7',
        'access-control-allow-origin': 'https://www.shop.example',
        'access-control-expose-headers': 'retry-after',
      },
    });
    expect(submitted).toHaveLength(3);
  });
});

describe('an outage', () => {
  it('is 503 with Retry-After before anybody knows whose page it is, and is logged', async () => {
    const { workspaces } = context;
    Object.assign(context, {
      workspaces: {
        ...workspaces,
        servedBy: () => undefined,
        forHost: () =>
          Promise.reject(
            Object.assign(new Error('connect ECONNREFUSED'), {
              detail: 'Key (email)=(jo@example.com) already exists.',
            }),
          ),
      },
    });
    try {
      for (const method of ['POST', 'OPTIONS']) {
        expect(await send({ method })).toMatchObject({
          status: 503,
          headers: { 'retry-after': '5' },
          body: { code: 'unavailable', error: 'Not available at the moment' },
        });
      }
      expect(context.logged.join()).toContain('ECONNREFUSED');
      expect(context.logged.join()).not.toContain('jo@');
    } finally {
      Object.assign(context, { workspaces });
    }
  });
});

describe('a list', () => {
  it('answers for each event, and a bad one takes no neighbour along', async () => {
    const answer = await send({
      body: [
        page,
        { event_type: 'nonsense' },
        null,
        7,
        [page],
        { ...page, person_email: {} },
        page,
      ],
    });
    expect(answer.status).toBe(200);
    const results = answer.body['results'] as readonly Record<string, unknown>[];
    expect(results.map((result) => result['status'])).toEqual([
      'ok',
      'error',
      'error',
      'error',
      'error',
      'error',
      'ok',
    ]);
    expect(results[5]).toMatchObject({
      outcome: 'rejected',
      errors: { person_email: [expect.any(String)] },
    });
    expect(submitted).toHaveLength(2);
  });

  it('of 100 events has one visitor', async () => {
    await send({ body: Array.from({ length: 100 }, () => page) });
    expect(new Set(submitted.map((event) => event.identifiers[0]?.value)).size).toBe(1);
  });

  it('and whatever else is sent never ends in a fault', async () => {
    const hostile = fc.oneof(
      fc.json({ depthSize: 'medium' }),
      fc.array(fc.json(), { maxLength: 5 }).map((items) => `[${items.join(',')}]`),
      fc
        .dictionary(
          fc.constantFrom(
            'event_type',
            'event_id',
            'url',
            'referrer',
            'properties',
            'amount_cents',
            'currency',
            'anonymous_id',
            'occurred_at',
            'sent_at',
            'person_metadata',
            'signals',
            'proof',
            'key',
          ),
          fc.oneof(
            fc.jsonValue(),
            fc.string({ unit: 'binary' }),
            fc.constantFrom('pageview', 'lead', eventId, '\0'),
          ),
        )
        .map((body) => JSON.stringify(body)),
      fc.string({ unit: 'binary' }),
    );
    await fc.assert(
      fc.asyncProperty(hostile, async (body) => {
        const answer = await send({ body });
        expect(answer.status).toBeLessThan(500);
        for (const event of submitted.splice(0))
          expect(JSON.stringify(event)).not.toContain('\\u0000');
      }),
      { numRuns: 300 },
    );
  });

  it('that is nested very deeply is read like any other', async () => {
    const deep = '['.repeat(60_000) + ']'.repeat(60_000);
    expect(
      await send({ body: `{"event_type":"custom","properties":{"deep":${deep}},"other":${deep}}` }),
    ).toMatchObject({
      status: 200,
    });
  });
});

describe('the time of an event', () => {
  const at = (offset: number) => new Date(context.clock.now() + offset).toISOString();

  it('of the page is corrected by how far its clock is off', async () => {
    // The page's clock is three hours ahead, and it sent what had happened two minutes before.
    await send({
      body: { ...page, occurred_at: at(3 * hour - 2 * minute), sent_at: at(3 * hour) },
    });
    expect(only().occurredAt).toBe(context.clock.now() - 2 * minute);
  });

  it('keeps the order of one page, whatever the network takes', async () => {
    await send({ body: { ...page, occurred_at: at(-1_000), sent_at: at(-900) } });
    await send({ body: { ...page, occurred_at: at(-600), sent_at: at(-10) } });
    expect(submitted.map((event) => event.occurredAt - context.clock.now())).toEqual([
      -1_000, -600,
    ]);
  });

  it('is not before the click that it landed from', async () => {
    const clickedAt = context.clock.now() - 500;
    const url = `https://www.shop.example/?hw_click=${createIdFactory()(clickedAt)}`;
    await send({ body: { ...page, url, occurred_at: at(-800), sent_at: at(-700) } });
    expect(only().occurredAt).toBe(clickedAt);
  });

  it('may be up to seven days ago', async () => {
    await send({ body: { ...page, occurred_at: at(-6 * day), sent_at: at(0) } });
    await send({ body: { ...page, occurred_at: at(-8 * day), sent_at: at(0) } });
    expect(submitted.map((event) => context.clock.now() - event.occurredAt)).toEqual([6 * day, 0]);
  });

  it('is the time of arrival where the page says nothing usable, or the future', async () => {
    for (const occurred_at of [at(hour), 'yesterday', {}, 1e300, '', null]) {
      await send({ body: { ...page, occurred_at } });
    }
    expect(new Set(submitted.map((event) => event.occurredAt))).toEqual(
      new Set([context.clock.now()]),
    );
  });
});

describe('the visitor', () => {
  const token = 'abcdefghijklmnopqrstuv';
  const visitorOf = (event: IncomingEvent | undefined) => event?.identifiers[0]?.value;
  const cookieOf = (answer: Answered) => /^_hw_visitor=([^;]*)/.exec(answer.cookies[0] ?? '')?.[1];

  it('gets a cookie that scripts cannot read and that lasts 400 days', async () => {
    const answer = await send({});
    expect(answer.cookies).toEqual([
      `_hw_visitor=${visitorOf(only())}; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax; Secure`,
    ]);
  });

  it('is the one of the cookie, whatever the page says, and the cookie is renewed', async () => {
    const answer = await send({
      headers: { cookie: `a=b; _hw_visitor=${token}` },
      body: { ...page, anonymous_id: 'other' },
    });
    expect(visitorOf(only())).toBe(token);
    expect(cookieOf(answer)).toBe(token);
  });

  it('is one for all parallel first requests of a page', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => send({ body: { ...page, anonymous_id: eventId } })),
    );
    expect(new Set(submitted.map(visitorOf)).size).toBe(1);
    expect(new Set(answers.map(cookieOf))).toEqual(new Set([visitorOf(submitted[0])]));
  });

  it('has the token that its page made, and one that follows from any other id, in each workspace another', async () => {
    await send({ body: { ...page, anonymous_id: token } });
    await send({ body: { ...page, anonymous_id: 'an id of their own' } });
    expect(submitted.map(visitorOf)).toEqual([
      token,
      anonymousToken(workspace, 'an id of their own'),
    ]);
    expect(visitorOf(submitted[1])).toMatch(/^[\w-]{22}$/);
    const stranger = orThrow(await createWorkspace(context, { name: 'Another stranger' }));
    expect(anonymousToken(stranger, 'an id of their own')).not.toBe(visitorOf(submitted[1]));
  });

  it('is new where cookie and id are missing, broken or stand for nobody', async () => {
    for (const anonymous_id of [
      undefined,
      null,
      '',
      'null',
      'undefined',
      '[object Object]',
      '\0',
    ]) {
      await send({ headers: { cookie: '_hw_visitor=broken' }, body: { ...page, anonymous_id } });
    }
    expect(new Set(submitted.map(visitorOf)).size).toBe(7);
  });

  it('is another one from now on where the device has changed hands', async () => {
    outcomeOf = (event) => ({
      outcome: 'accepted',
      eventId: event.id,
      identity: { outcome: 'refused', reason: 'different_external_id', rotate: true },
    });
    const headers = { cookie: `_hw_visitor=${token}` };
    const single = await send({ headers });
    expect(single.body).toMatchObject({ rotate: true });
    expect(cookieOf(single)).toMatch(/^[\w-]{22}$/);
    expect(cookieOf(single)).not.toBe(token);
    const list = await send({ headers, body: [page] });
    expect(list.body).toMatchObject({ status: 'ok', rotate: true, results: [{ rotate: true }] });
    expect(cookieOf(list)).not.toBe(token);
    expect(submitted).toHaveLength(2);
  });

  it('gets no cookie on another site, where it would not come back', async () => {
    const answer = await send({
      path: `/hw/t/event?key=${key}`,
      headers: { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' },
      body: { ...page, anonymous_id: 'a-page-id' },
    });
    expect(answer).toMatchObject({ status: 200, cookies: [] });
    expect(visitorOf(only())).toBe(anonymousToken(workspace, 'a-page-id'));
  });
});

describe('who the visitor is', () => {
  const identify = (fields: Record<string, unknown>) =>
    send({ body: { ...page, event_type: 'identify', ...fields } });
  const kinds = (event: IncomingEvent) =>
    event.identifiers.map(({ kind, value }) => [kind, value]).slice(1);

  it('counts with the proof of the host', async () => {
    const proof = createBrowserProof(workspace, 'cust_123');
    const answer = await identify({ person_external_id: 'cust_123', proof });
    expect(kinds(only())).toEqual([['external_id', 'cust_123']]);
    expect(answer.body).toMatchObject({ identity: { outcome: 'known' } });
    expect(answer.body).not.toHaveProperty('unproven');
  });

  it('is not believed without a proof, or with a wrong one, and leaves no trace', async () => {
    const claim = {
      person_external_id: 'cust_123',
      person_email: 'alice@example.com',
      person_phone: '+4912345678',
    };
    const wrong = createBrowserProof(workspace, 'cust_124');
    for (const proof of [undefined, '', 'ab', wrong]) {
      const answer = await identify({ ...claim, proof });
      expect(answer.body).toMatchObject({
        status: 'ok',
        outcome: 'accepted',
        unproven: ['person_external_id', 'person_email', 'person_phone'],
      });
      expect(answer.body).not.toHaveProperty('identity');
    }
    for (const event of submitted) {
      expect(kinds(event)).toEqual([]);
      expect(JSON.stringify(event)).not.toMatch(/cust_123|alice|12345678/);
    }
  });

  it('includes an email only where the proof was made for both', async () => {
    const claim = { person_external_id: 'cust_123', person_email: 'Alice@example.com' };
    const forId = await identify({ ...claim, proof: createBrowserProof(workspace, 'cust_123') });
    expect(forId.body).toMatchObject({ unproven: ['person_email'] });
    await identify({
      ...claim,
      proof: createBrowserProof(workspace, 'cust_123', 'alice@example.com'),
    });
    expect(submitted.map(kinds)).toEqual([
      [['external_id', 'cust_123']],
      [
        ['external_id', 'cust_123'],
        ['email', 'Alice@example.com'],
      ],
    ]);
  });

  it('is believed as it is where the workspace trusts its pages', async () => {
    await withSettings({ browserIdentify: 'trusted' }, async () => {
      await identify({
        person_external_id: 'c',
        person_email: 'a@example.com',
        person_phone: '+4912345678',
      });
    });
    expect(kinds(only())).toEqual([
      ['external_id', 'c'],
      ['email', 'a@example.com'],
      ['phone', '+4912345678'],
    ]);
  });

  it('may have a name and metadata, which join nobody', async () => {
    await identify({ person_name: 'Alice', person_metadata: { plan: 'pro', nested: {} } });
    expect(only().profile).toEqual({ name: 'Alice', metadata: { plan: 'pro' } });
    expect(kinds(only())).toEqual([]);
  });
});

describe('who may write', () => {
  const elsewhere = { origin: 'https://elsewhere.example' };

  it('are pages of the site of the host, without a key', async () => {
    for (const origin of [
      'https://go.shop.example',
      'https://shop.example',
      'https://app.shop.example:8443',
    ]) {
      expect(await send({ headers: { origin } })).toMatchObject({
        status: 200,
        headers: {
          'access-control-allow-origin': origin,
          'access-control-allow-credentials': 'true',
          vary: 'origin',
        },
      });
    }
    expect(await send({ host: 'www.shop.example' })).toMatchObject({ status: 200 });
  });

  it('are not pages of other sites without a key', async () => {
    const refused = [
      elsewhere,
      { origin: 'null' },
      { origin: 'https://shop.example.evil.example' },
      { origin: 'https://www.shop.example', 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of refused) {
      const answer = await send({ headers });
      expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' }, cookies: [] });
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
    expect(submitted).toEqual([]);
  });

  it('are not pages on a host that belongs to nobody', async () => {
    const headers = { origin: 'https://stranger.example' };
    expect(await send({ host: 'stranger.example', headers })).toMatchObject({ status: 401 });
  });

  it('are pages with a publishable key, in the query or in the body', async () => {
    const inQuery = await send({
      path: `/hw/t/event?key=${key}`,
      host: 'anything.example',
      headers: elsewhere,
    });
    expect(inQuery).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': elsewhere.origin },
    });
    const inBody = await send({
      host: 'anything.example',
      headers: elsewhere,
      body: { ...page, key },
    });
    expect(inBody).toMatchObject({ status: 200 });
    expect(submitted[1]?.workspaceId).toBe(workspace.id);
  });

  it('are only pages of the hosts that the key allows', async () => {
    const from = (headers: Record<string, string>) =>
      send({ path: `/hw/t/event?key=${restrictedKey}`, host: 'anything.example', headers });
    expect(await from({ origin: 'https://www.shop.example' })).toMatchObject({ status: 200 });
    expect(await from({ origin: 'http://a.other.example:8080' })).toMatchObject({ status: 200 });
    for (const origin of ['https://shop.example', 'https://other.example.evil.example', 'null']) {
      const answer = await from({ origin });
      expect(answer).toMatchObject({ status: 403, body: { code: 'host_not_allowed' } });
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  it('are not holders of an unknown or a secret key', async () => {
    const secret = orThrow(
      await createApiKey(context, workspace, { kind: 'secret', name: 'server' }),
    ).key;
    const withKey = (text: string) => send({ path: `/hw/t/event?key=${text}`, headers: elsewhere });
    expect(await withKey('hw_pk_unknown')).toMatchObject({ status: 401 });
    expect(await withKey(secret)).toMatchObject({
      status: 403,
      body: { code: 'publishable_key_required' },
    });
  });

  it('learn it from a preflight', async () => {
    const allowed = await send({ method: 'OPTIONS', path: `/hw/t/event?key=${restrictedKey}` });
    expect(allowed).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': 'https://www.shop.example',
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'content-type',
        vary: 'origin',
      },
    });
    const refused = await send({
      method: 'OPTIONS',
      path: `/hw/t/click?key=${restrictedKey}`,
      headers: elsewhere,
    });
    expect(refused).toMatchObject({ status: 403 });
    expect(refused.headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('a landing', () => {
  it('names the click of its address, which is kept without it, in a cookie of 90 days', async () => {
    for (const name of ['hw_click', 'ga_id']) {
      const answer = await send({
        body: { url: `https://www.shop.example/?a=1&${name}=${clickId.toUpperCase()}&b=2#c` },
      });
      expect(submitted.at(-1)).toMatchObject({
        arrival: { clickId },
        url: 'https://www.shop.example/?a=1&b=2#c',
      });
      expect(answer.cookies[1]).toBe(
        `_hw_click=${clickId}; Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax; Secure`,
      );
    }
  });

  it('takes nothing for a click that is no UUID', async () => {
    const url = 'https://www.shop.example/?ga_id=UA-1&hw_click=x';
    const answer = await send({ body: { url } });
    expect(only().url).toBe(url);
    expect(only().arrival).not.toHaveProperty('clickId');
    expect(answer.cookies).toHaveLength(1);
  });

  it('makes the prefetched click a click, once, before the landing', async () => {
    const click: IncomingEvent = {
      workspaceId: workspace.id,
      id: clickId,
      key: clickId,
      digest: '0000000000000000',
      type: 'link_click',
      occurredAt: context.clock.now(),
      origin: 'redirect',
      identifiers: [],
      createsVisitor: true,
    };
    await insertPendingClick(context.database.db, click);
    const url = `https://www.shop.example/?hw_click=${clickId}`;
    await send({ body: { url } });
    await send({ body: { url } });
    expect(submitted.map((event) => event.type)).toEqual(['link_click', 'pageview', 'pageview']);
    expect(submitted[0]).toEqual(click);
  });
});

describe('a click past the redirect', () => {
  const report = (body: unknown, sending: Sending = {}) =>
    send({ path: '/hw/t/click', body, ...sending });
  beforeAll(async () => {
    const create = async (domain: string, linkKey: string, more: object = {}) =>
      orThrow(
        await createLink(context, workspace, {
          domain,
          key: linkKey,
          url: 'https://www.shop.example/',
          ...more,
        }),
      );
    await create('go.shop.example', 'summer', { utmSource: 'flyer', utmMedium: 'print' });
    await create('go.shop.example', 'gone', { expiresAt: new Date(context.clock.now() - 1) });
    const alice = { key: 'alice', name: 'Alice' };
    const { id: partnerId } = orThrow(await createPartner(context, workspace, alice));
    const referral = { linkType: 'referral', partnerId } as const;
    await create('go.example', 'alice', referral);
    await create('go.example', 'elsewhere');
    await create('go.example', 'twice', referral);
    await create('go.shop.example', 'Twice', referral);
    await create('second.example', 'twice', referral);
    const over = { ...referral, expiresAt: new Date(context.clock.now() - 1) };
    await create('go.example', 'renewed', over);
    await create('second.example', 'renewed', referral);
    await create('third.example', 'renewed', over);
    await create('go.example', 'over', over);
    await create('second.example', 'over', over);
  });

  it('is a click of the link with the key on the host, and the arrival it led to', async () => {
    const answer = await report({
      key: 'summer',
      url: 'https://www.shop.example/?via=summer&gclid=abc',
      referrer: 'https://blog.example/',
      anonymous_id: eventId,
    });
    expect(answer.body).toEqual({
      status: 'ok',
      click_id: only().id,
      ga_id: only().id,
      visitor_id: only().id,
    });
    expect(only()).toMatchObject({
      type: 'link_click',
      origin: 'beacon',
      linkId: expect.any(String),
      key: only().id,
      identifiers: [{ kind: 'visitor', value: anonymousToken(workspace, eventId) }],
      url: 'https://www.shop.example/?via=summer&gclid=abc',
      referrer: 'https://blog.example/',
      arrival: { source: { source: 'flyer', medium: 'print' }, signals: { gclid: 'abc' } },
    });
    expect(answer.cookies.map((cookie) => cookie.split('=')[0])).toEqual([
      '_hw_visitor',
      '_hw_click',
    ]);
  });

  it('counts once by the id that the page made for it, and answers with the id of the first', async () => {
    const body = { key: 'summer', url: 'https://www.shop.example/?via=summer' };
    await report({ ...body, event_id: eventId.toUpperCase() });
    outcomeOf = (event) => ({
      outcome: 'duplicate',
      eventId: clickId,
      visitorId: event.id,
      identity: { outcome: 'none' },
    });
    const again = await report({ ...body, event_id: eventId });
    expect(again.body).toMatchObject({ status: 'ok', click_id: clickId, ga_id: clickId });
    expect(again.cookies[1]).toMatch(`_hw_click=${clickId};`);
    await report({ ...body, event_id: eventId, url: 'https://www.shop.example/?via=summer&x=1' });
    const [first, second, other] = submitted.map(({ key: eventKey, digest }) => ({
      eventKey,
      digest,
    }));
    expect(first?.eventKey).toBe(eventId);
    expect(second).toEqual(first);
    expect(other).toMatchObject({ eventKey: eventId });
    expect(other?.digest).not.toBe(first?.digest);
  });

  it('is 409 for another body under its id', async () => {
    outcomeOf = (event) => ({
      outcome: 'rejected',
      eventId: event.id,
      code: 'idempotency_conflict',
      message: 'This key was used before with another body.',
    });
    expect(await report({ key: 'summer', event_id: eventId })).toMatchObject({
      status: 409,
      body: { code: 'idempotency_conflict' },
    });
  });

  it('finds the one referral link with the key, whatever its domain, from any site with a key', async () => {
    const answer = await report({ key: 'alice' }, { host: 'www.shop.example' });
    expect(answer.status).toBe(200);
    expect(only().arrival?.source.kind).toBe('campaign');
    const sending = {
      path: `/hw/t/click?key=${key}`,
      headers: { origin: 'https://elsewhere.example' },
    };
    expect(await report({ key: 'alice' }, sending)).toMatchObject({ status: 200, cookies: [] });
  });

  it('prefers a referral link that is in service to those with its key that have expired', async () => {
    expect(await report({ key: 'renewed' }, { host: 'www.shop.example' })).toMatchObject({
      status: 200,
    });
    expect(only().linkId).toBe(
      (await getLinkByKey(context, workspace, 'second.example', 'renewed'))!.id,
    );
    expect(await report({ key: 'over' }, { host: 'www.shop.example' })).toMatchObject({
      status: 410,
      body: { code: 'link_expired' },
    });
  });

  it('is refused for a key without a link, with several, of another type, or expired', async () => {
    for (const linkKey of ['nobody', 'twice', 'elsewhere', 'api/../x ?', 'x'.repeat(200)]) {
      expect(await report({ key: linkKey }, { host: 'www.shop.example' })).toMatchObject({
        status: 404,
        body: { status: 'error', code: 'link_not_found', error: 'Link not found' },
      });
    }
    expect(await report({ key: 'gone' })).toMatchObject({
      status: 410,
      body: { error: 'Link expired' },
    });
    expect(submitted).toEqual([]);
  });

  it('names the field that is wrong', async () => {
    for (const body of [
      {},
      { key: 7 },
      { key: '' },
      { key: 'x'.repeat(300) },
      { key: 'summer', anonymous_id: 7 },
      { key: 'summer', event_id: 7 },
    ]) {
      expect(await report(body)).toMatchObject({
        status: 422,
        body: { code: 'validation_failed' },
      });
    }
    expect(await report('null')).toMatchObject({ status: 422 });
  });
});

describe('other requests', () => {
  it('are none of its business', async () => {
    const request = (target: string): IncomingRequest => ({
      method: 'POST',
      target,
      host: 'go.shop.example',
      scheme: 'https',
      remoteAddress: undefined,
      header: () => undefined,
      body: () => Promise.resolve(new Uint8Array()),
    });
    for (const target of [
      '/hw/t/',
      '/hw/t/events',
      '/hw/t/event/x',
      '/t/event',
      '/other/t/event',
      '/',
    ]) {
      expect(await beacon(request(target))).toBeUndefined();
    }
  });
});
