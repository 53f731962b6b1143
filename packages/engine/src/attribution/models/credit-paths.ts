import { ok } from '../../kernel/result.ts';
import type { Result } from '../../kernel/result.ts';
import { refuseField } from '../../kernel/validation.ts';
import type { ValidationRefusal } from '../../kernel/validation.ts';
import { isPaid } from '../paid-touch.ts';
import type { ChannelCredit } from './channel-credit.ts';
import { creditConversion } from './credit-conversion.ts';
import type { Model } from './model-definition.ts';
import type { GroupedPath, Touch } from './path.ts';

/**
 * What each channel gets of paths of one's own, under any model: rules credit each path, the others learn from all of
 * them. A channel `Direct` or `(direct)` is direct, and those of GA4 that money brings are paid. Paths have no times, so
 * time decay is refused. Sorted by channel.
 */
export function creditPaths(
  model: Model,
  paths: readonly GroupedPath[],
): Result<readonly ChannelCredit[], ValidationRefusal> {
  if (model.credits === 'channels') return ok(model.creditChannels(paths));
  if (model.name === 'time_decay')
    return refuseField('model', 'must be another one: paths have no times to decay by');
  const earned = new Map<string, { conversions: number; valueMinor: bigint }>();
  for (const path of paths) {
    if (path.channels.length === 0 || path.conversions === 0) continue;
    const credits = creditConversion(model, {
      touches: path.channels.map(toTouch),
      conversion: { occurredAt: path.channels.length, amountMinor: path.valueMinor },
    });
    for (const { channel, weight, amountMinor } of credits) {
      const row = earned.get(channel) ?? { conversions: 0, valueMinor: 0n };
      earned.set(channel, row);
      row.conversions += weight * path.conversions;
      row.valueMinor += amountMinor;
    }
  }
  const total = [...earned.values()].reduce((sum, { conversions }) => sum + conversions, 0);
  return ok(
    [...earned]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([channel, row]) => ({
        channel,
        share: total === 0 ? 0 : row.conversions / total,
        ...row,
      })),
  );
}

function toTouch(channel: string, index: number): Touch {
  return {
    id: String(index).padStart(6, '0'),
    occurredAt: index,
    channel,
    kind: /^\(?direct\)?$/i.test(channel) ? 'direct' : 'campaign',
    paid: isPaid(channel, null),
  };
}
