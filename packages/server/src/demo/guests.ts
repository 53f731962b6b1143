import { orThrow } from 'headwater';
import type { Headwater } from 'headwater';

import type { SimulatedClock } from './simulated-clock.ts';
import type { Random } from './random.ts';

const day = 86_400_000;

/** Those who were invited: most look, some take a seat, fewer begin to use what they were let in to. */
export async function inviteGuests(
  hw: Headwater,
  clock: SimulatedClock,
  {
    from,
    until,
    random,
  }: { readonly from: number; readonly until: number; readonly random: Random },
): Promise<void> {
  const { invitations } = orThrow(await hw.invitations.list());
  for (const [place, { id }] of invitations.entries()) {
    for (let guest = 0; guest < 14 - 3 * place; guest += 1) {
      const entity = { type: 'user', id: `guest_${place}_${guest}` };
      const via = random.pick([
        ['mail', 6],
        ['chat', 3],
        ['print', 1],
      ]);
      await clock.within(async (at) => {
        let time = from + random.next() * (until - from - 2 * day);
        at(time);
        orThrow(
          await hw.invitations.track({ id }, { entity, action: 'visited', metadata: { via } }),
        );
        if (!random.chance(0.65)) return;
        at((time += random.between(2, 90) * 60_000));
        orThrow(
          await hw.invitations.redeem({ id }, { entity, action: 'registered', metadata: { via } }),
        );
        if (!random.chance(0.6)) return;
        at((time += random.between(1, 20) * 3_600_000));
        orThrow(await hw.invitations.track({ id }, { entity, action: 'activated' }));
      });
    }
  }
}
