import { expect, it } from 'vitest';

import { openReceiver } from '../../../../test/support/receiver.ts';
import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';

it('an engine that was started tells its webhooks by itself', async () => {
  await using receiver = await openReceiver();
  await using hw = await createTestHeadwater({ webhooks: { allowPrivateNetworks: true } });
  orThrow(await hw.webhooks.create({ url: receiver.url, eventTypes: ['conversion.created'] }));
  await hw.start();
  orThrow(
    await hw.events.sale(
      { externalId: 'ann', amountMinor: 4_900n, currency: 'EUR' },
      { createsVisitor: true },
    ),
  );
  await expect.poll(() => receiver.received.length, { timeout: 60_000, interval: 100 }).toBe(1);
}, 90_000);
