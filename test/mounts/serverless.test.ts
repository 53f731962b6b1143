/** Functions that a platform starts and stops as it likes: several at once, none of them with background work. */
import { createHeadwater, orThrow } from 'headwater';
import { createTestClock, testSecret } from 'headwater/testing';
import { toNextHandlers } from 'headwater/web';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestPool } from '../support/pool.ts';
import type { TestPool } from '../support/pool.ts';

const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const clock = createTestClock();
const closing: Array<() => Promise<void>> = [];
let host: TestPool;
let first: Instance;
let second: Instance;

interface Instance {
  readonly hw: Awaited<ReturnType<typeof createHeadwater>>;
  /** Answers, and ends what the platform was asked to wait for: then it may stop. */
  ask(path: string, event?: object): Promise<Response>;
}

beforeAll(async () => {
  host = await openTestPool();
  first = await openInstance();
  await first.hw.migrate();
  second = await openInstance();
}, 60_000);
afterAll(async () => {
  for (const close of closing) await close();
  await host[Symbol.asyncDispose]();
});

async function openInstance(): Promise<Instance> {
  const options = { secret: testSecret, clock, links: { domains: ['shop.test'] } };
  const hw = await createHeadwater({ ...options, database: { pool: host.pool } });
  closing.push(() => hw.close());
  const works: Promise<unknown>[] = [];
  const handlers = toNextHandlers(hw, { waitUntil: (work) => works.push(work) });
  return {
    hw,
    async ask(path, event) {
      const method = event === undefined ? 'GET' : 'POST';
      const headers = { 'user-agent': browser, 'content-type': 'application/json' };
      const body = event === undefined ? null : JSON.stringify(event);
      const request = new Request(`https://shop.test${path}`, { method, headers, body });
      const answer = await handlers[method](request);
      expect(works).toHaveLength(1);
      await Promise.all(works.splice(0));
      return answer;
    },
  };
}

describe('without background work', () => {
  it('a click is recorded by the time the function may stop, whichever of them it was', async () => {
    const link = orThrow(
      await first.hw.links.create({ key: 'sale', url: 'https://shop.test/offers' }),
    );
    for (const instance of [second, first, second])
      expect((await instance.ask('/sale')).status).toBe(302);
    expect(orThrow(await second.hw.links.stats(link.id)).clicks).toBe(3);
  });

  it('a function learns of a link that another one has changed', async () => {
    const link = orThrow(
      await first.hw.links.create({ key: 'moved', url: 'https://shop.test/before' }),
    );
    const destination = async () => (await second.ask('/moved')).headers.get('location');
    expect(await destination()).toContain('/before');
    orThrow(await first.hw.links.update(link.id, { url: 'https://shop.test/after' }));
    clock.advance({ seconds: 2 });
    expect(await destination()).toContain('/after');
  });

  it('what a transaction of the application has written is taken in by the next request', async () => {
    const client = await host.pool.connect();
    await client.query('begin');
    orThrow(
      await first.hw.visitors.identify(
        { externalId: 'user_1', email: 'ann@example.com' },
        { tx: client },
      ),
    );
    await client.query('commit');
    client.release();
    expect(await second.hw.visitors.getByExternalId('user_1')).toBeUndefined();
    await second.ask('/hw/openapi.json');
    expect(await second.hw.visitors.getByExternalId('user_1')).toMatchObject({
      externalId: 'user_1',
    });
  });

  it('reports are right', async () => {
    const pageview = { event_type: 'pageview', url: 'https://shop.test/?utm_source=news' };
    const answer = await first.ask('/hw/t/event', pageview);
    expect(await answer.json()).toMatchObject({ status: 'ok' });
    const { rows } = orThrow(await second.hw.analytics.breakdown({ dimension: 'source' }));
    expect(rows).toContainEqual(expect.objectContaining({ value: 'news' }));
  });
});
