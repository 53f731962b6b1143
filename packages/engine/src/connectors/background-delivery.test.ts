import { setTimeout as pause } from 'node:timers/promises';

import { expect, it } from 'vitest';

import { createScriptedPlatform } from '../../../../test/support/scripted-connector.ts';
import { systemClock } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';

it('a started engine sends conversions by itself, and has written them down when it closes', async () => {
  const platform = createScriptedPlatform();
  await using hw = await createTestHeadwater({
    clock: systemClock,
    links: { domains: ['shop.test'] },
    connectors: { own: [platform.connector], fetch: platform.fetch },
  });
  await hw.start();
  orThrow(
    await hw.connectors.enable('stand_in', { credentials: { account: 'shop', api_key: 'key' } }),
  );
  const landed = await hw.handler(
    new Request('https://shop.test/hw/t/event', {
      method: 'POST',
      headers: {
        host: 'shop.test',
        'user-agent':
          'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
        cookie: '_fbp=fb.1.1596403881668.1116446470; theme=dark',
      },
      body: JSON.stringify({ event_type: 'pageview', url: 'https://shop.test/?gclid=click-1' }),
    }),
  );
  expect(landed.status).toBeLessThan(300);
  const [visitor] = orThrow(await hw.visitors.list()).visitors;
  const { eventId } = orThrow(
    await hw.events.submitSale(visitor!, { amountMinor: 100n, currency: 'EUR' }),
  );
  const endsAt = performance.now() + 50_000;
  while (platform.sent.size === 0 && performance.now() < endsAt) await pause(100);
  expect(platform.requests).toMatchObject([
    {
      account: 'shop',
      conversions: [
        { eventId, signals: { gclid: 'click-1', _fbp: 'fb.1.1596403881668.1116446470' } },
      ],
    },
  ]);
  while (
    (orThrow(await hw.connectors.dispatches.list()).dispatches[0]?.status ?? '') !== 'delivered'
  )
    await pause(50);
  expect(hw.metrics()).toContain('headwater_dispatches_delivered_total 1\n');
}, 90_000);
