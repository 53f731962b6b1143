import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';
import { openMigratedMemory } from '../testing/template.ts';

describe('foldInbox', () => {
  let pglite: PGlite;
  let hw: TestHeadwater;
  beforeAll(async () => {
    pglite = await openMigratedMemory();
    hw = await createTestHeadwater({ database: { pglite } });
  }, 60_000);
  afterAll(async () => {
    await hw.close();
    await pglite.close();
  });

  it('keeps a sale until the person that it names is introduced', async () => {
    await pglite.transaction(async (tx) => {
      orThrow(await hw.events.sale({ externalId: 'later', amountMinor: 900n }, { tx }));
    });
    await hw.events.flush();
    expect(await hw.visitors.getByExternalId('later')).toBeUndefined();

    orThrow(await hw.visitors.identify({ externalId: 'later' }));
    hw.clock.advance({ minutes: 1 });
    await hw.events.flush();
    expect(await hw.visitors.getByExternalId('later')).toMatchObject({
      status: 'customer',
      lifetimeValue: [{ currency: 'USD', amountMinor: 900n }],
    });
  });

  it('keeps what is refused with its reason, and goes on with the rest', async () => {
    const idempotencyKey = 'order-1';
    orThrow(await hw.events.sale({ externalId: 'later', amountMinor: 1n, idempotencyKey }));
    await pglite.transaction(async (tx) => {
      orThrow(
        await hw.events.sale({ externalId: 'later', amountMinor: 2n, idempotencyKey }, { tx }),
      );
      orThrow(await hw.events.lead({ externalId: 'later' }, { tx }));
    });
    await hw.events.flush();
    const report = await hw.inspect();
    expect(report).toMatchObject({ inboxWaiting: 0, inboxRefused: 1 });
    const visitor = await hw.visitors.getByExternalId('later');
    expect(visitor!.events).toBe(4);
  });
});
