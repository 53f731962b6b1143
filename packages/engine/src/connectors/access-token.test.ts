import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { createScriptedPlatform } from '../../../../test/support/scripted-connector.ts';
import { hour } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import type { Connector, TokenAnswer } from './connector.ts';
import { openCredentials } from './credentials.ts';
import { findConnector } from './connector-store.ts';

const platform = createScriptedPlatform();
/** The refresh tokens that were used, in their order. */
const refreshed: string[] = [];
let token: () => TokenAnswer;

const connector: Connector = {
  ...platform.connector,
  credentials: {
    ...platform.connector.credentials,
    refresh_token: { label: 'Refresh token', secret: true },
  },
  oauth: {
    request: ({ credentials }) => ({
      method: 'POST',
      url: 'https://stand-in.test/token',
      headers: {},
      body: { refresh_token: credentials['refresh_token'] ?? '' },
    }),
    read: ({ body }) => body as TokenAnswer,
  },
  request: (payloads, asking) => ({
    ...platform.connector.request!(payloads, asking),
    headers: { 'x-api-key': asking.accessToken ?? 'none' },
  }),
  classify: (response, payloads) =>
    response.status === 401
      ? { outcome: 'credentials', code: 'expired', message: 'It has expired.', expired: true }
      : platform.connector.classify(response, payloads),
};

let context: TestContext;
let people: People;
beforeAll(async () => {
  context = await openTestContext('pglite', {
    connectors: {
      own: [connector],
      async fetch(input, init) {
        const request = new Request(input, init);
        if (!request.url.endsWith('/token')) return platform.fetch(request);
        refreshed.push(((await request.json()) as { refresh_token: string }).refresh_token);
        return Response.json(token());
      },
    },
  });
}, 60_000);
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(async () => {
  refreshed.length = 0;
  platform.requests.length = 0;
  platform.answer = () => ({ status: 200 });
  token = () => ({
    outcome: 'token',
    accessToken: `access-${refreshed.length}`,
    expiresInSeconds: 3_600,
  });
  people = await openNewPeople(context);
  orThrow(
    await people.hw.connectors.enable('stand_in', {
      credentials: { account: people.workspace.id, api_key: 'key', refresh_token: 'refresh-0' },
    }),
  );
});
// What a test leaves waiting is nothing that another one delivers.
afterEach(async () => void orThrow(await people.hw.connectors.disable('stand_in')));

async function sell(count: number): Promise<void> {
  await people.see('user:ann mail:ann', 1);
  const sales = Array.from({ length: count }, () => ({
    type: 'sale' as const,
    externalId: 'ann',
    amountMinor: 100n,
    currency: 'EUR',
  }));
  for (const result of await people.hw.events.trackBatch(sales)) orThrow(result);
}

const keys = (): string[] => platform.requests.map(({ key }) => key);

it('gets an access token once and keeps it, sealed, until it ends', async () => {
  await sell(45);
  expect(await people.hw.connectors.deliverDue()).toMatchObject({ delivered: 45 });
  expect(refreshed).toEqual(['refresh-0']);
  expect(new Set(keys())).toEqual(new Set(['access-1']));
  const stored = await findConnector(context.database.db, people.workspace.id, 'stand_in');
  expect(Buffer.from(stored!.sealedAccessToken!).includes('access-1')).toBe(false);

  context.clock.moveBy(hour);
  await sell(1);
  await people.hw.connectors.deliverDue();
  expect(refreshed).toHaveLength(2);
  expect(keys().at(-1)).toBe('access-2');
});

it('renews a token that the platform says has expired, and sends again at once', async () => {
  platform.answer = ({ key }) => ({ status: key === 'access-1' ? 401 : 200 });
  await sell(3);
  expect(await people.hw.connectors.deliverDue()).toMatchObject({ delivered: 3 });
  expect(keys()).toEqual(['access-1', 'access-2']);
});

it('pauses where a new token does not help', async () => {
  platform.answer = () => ({ status: 401 });
  await sell(1);
  await people.hw.connectors.deliverDue();
  expect(keys()).toEqual(['access-1', 'access-2']);
  expect(await people.hw.connectors.get('stand_in')).toMatchObject({ paused: { code: 'expired' } });
});

it('stores the refresh token that came with the access token, and uses that one next', async () => {
  token = () => ({
    outcome: 'token',
    accessToken: 'access',
    expiresInSeconds: 60,
    refreshToken: `refresh-${refreshed.length}`,
  });
  await sell(1);
  await people.hw.connectors.deliverDue();
  await sell(1);
  await people.hw.connectors.deliverDue();
  expect(refreshed).toEqual(['refresh-0', 'refresh-1']);
  const stored = await findConnector(context.database.db, people.workspace.id, 'stand_in');
  expect(openCredentials(context.keyring, stored!, stored!.sealedCredentials)).toMatchObject({
    api_key: 'key',
    refresh_token: 'refresh-2',
  });
});

it('waits where no token can be got, without counting it as an attempt', async () => {
  token = () => ({ outcome: 'retry', code: 'http_503', message: 'Not now.' });
  await sell(1);
  await people.hw.connectors.deliverDue();
  expect(orThrow(await people.hw.connectors.dispatches.list()).dispatches).toMatchObject([
    { status: 'pending', attempts: 0, reason: 'http_503' },
  ]);
});

it('leaves what was taken before the token ended, where no other can be got', async () => {
  platform.answer = (_, number) => ({ status: number === 1 ? 200 : 401 });
  const good = token;
  token = () =>
    refreshed.length === 1 ? good() : { outcome: 'retry', code: 'http_503', message: 'Not now.' };
  await sell(20);
  expect(await people.hw.connectors.deliverDue()).toMatchObject({ delivered: 10, retried: 10 });

  [token, platform.answer] = [good, () => ({ status: 200 })];
  context.clock.moveBy(hour);
  expect(await people.hw.connectors.deliverDue()).toMatchObject({ delivered: 10, retried: 0 });
  const [first, refused, last] = platform.requests.map(({ conversions }) =>
    conversions.map(({ eventId }) => eventId),
  );
  expect(last).toEqual(refused);
  expect(first!.filter((id) => last!.includes(id))).toEqual([]);
});
