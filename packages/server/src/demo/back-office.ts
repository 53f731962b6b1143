import { orThrow } from 'headwater';
import type { Headwater } from 'headwater';

import type { SimulatedClock } from './simulated-clock.ts';

/** What the shop's owners have set up before their customers come: a programme, and an ad platform that is told. */
export async function openBackOffice(hw: Headwater): Promise<void> {
  orThrow(
    await hw.referrals.rewards.createRule({
      name: 'Give 5, get 10 %',
      trigger: 'payment',
      referrer: { percent: 10, amountMaxMinor: 2_000n },
      referee: { amountMinor: 500n, unit: 'EUR' },
      holdDays: 14,
      timesMax: 3,
    }),
  );
  orThrow(
    await hw.referrals.rewards.createRule({
      name: 'Beans for friends',
      trigger: 'redemption',
      referrer: { amountMinor: 50n, unit: 'beans' },
    }),
  );
  orThrow(
    await hw.connectors.putCredentials('meta', {
      access_token: 'simulated',
      pixel_id: '1234567890123456',
    }),
  );
  orThrow(await hw.connectors.enable('meta', { eventTypes: ['lead', 'sale'] }));
}

/** What is done in the evening: conversions go out, what was earned is paid, and the newest things are set up. */
export async function closeBackOffice(hw: Headwater, clock: SimulatedClock): Promise<void> {
  await hw.connectors.deliverDue();
  await hw.referrals.rewards.settle();
  const maya = { type: 'user', id: 'friend_maya10' };
  for (const { unit, availableMinor } of orThrow(await hw.ledger.balances(maya)))
    if (unit === 'EUR' && availableMinor > 0n)
      orThrow(
        await hw.ledger.payOut({
          account: maya,
          unit,
          amountMinor: availableMinor / 2n + 1n,
          idempotencyKey: 'first-payout',
          description: 'Bank transfer',
        }),
      );
  orThrow(
    await hw.webhooks.create({
      url: 'https://orders.shop.example/hooks/headwater',
      description: 'Order desk',
      eventTypes: ['conversion.created', 'conversion.refunded'],
    }),
  );
  orThrow(await hw.payments.create({ provider: 'stripe', name: 'Card payments' }));
  let referredBy: string | undefined;
  const names = ['Ada Holm', 'Bo Lind', 'Cleo Marsh', 'Dara Quinn', 'Eli Sand', 'Fay Tran'];
  for (const [place, name] of names.entries()) {
    const email = `${name.toLowerCase().replace(' ', '.')}@mail.example`;
    await clock.within(async (at) => {
      at(clock.now() - (names.length - place) * 31 * 3_600_000);
      const { entry } = orThrow(await hw.waitlist.join({ email, name, referredBy }));
      referredBy ??= entry.code;
    });
  }
}

/**
 * Answers as the ad platform would, so that nothing of the simulation leaves this machine: it takes nearly everything,
 * and now and then it is out of order.
 */
export function createSimulatedPlatform(): typeof fetch {
  let requests = 0;
  return (_, init) => {
    requests += 1;
    if (requests % 9 === 0)
      return Promise.resolve(
        Response.json(
          { error: { message: 'Service temporarily unavailable', code: 2 } },
          { status: 503 },
        ),
      );
    const text = typeof init?.body === 'string' ? init.body : '{"data":[]}';
    const { data } = JSON.parse(text) as { data: readonly unknown[] };
    return Promise.resolve(
      Response.json({
        events_received: data.length,
        messages: [],
        fbtrace_id: `simulated-${requests}`,
      }),
    );
  };
}
