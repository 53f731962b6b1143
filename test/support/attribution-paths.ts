import { fc } from './properties.ts';
import { parseModel } from '../../packages/engine/src/attribution/models/model.ts';
import type {
  ChannelModel,
  RuleModel,
} from '../../packages/engine/src/attribution/models/model-definition.ts';
import type {
  Conversion,
  GroupedPath,
  Path,
  Touch,
} from '../../packages/engine/src/attribution/models/path.ts';
import { day } from '../../packages/engine/src/kernel/clock.ts';
import { orThrow } from '../../packages/engine/src/kernel/result.ts';

/** When the conversions of these paths happened. */
export const convertedAt = Date.UTC(2026, 4, 10, 12);

export const conversion: Conversion = { occurredAt: convertedAt, amountMinor: 10_000n };

/** A click on a paid advertisement one day before the conversion, but for what is given. */
export function touch(fields: Partial<Touch> = {}): Touch {
  const { channel = 'google' } = fields;
  return {
    id: channel,
    occurredAt: convertedAt - day,
    channel,
    kind: 'campaign',
    paid: true,
    ...fields,
  };
}

/** A path by its channels, `a > b > c`: one touch an hour. `Direct` is direct, everything else a paid campaign. */
export function pathOf(channels: string, amountMinor = 10_000n): Path {
  const names = namesOf(channels);
  const touches = names.map((channel, index) => {
    const isDirect = channel.toLowerCase() === 'direct';
    return touch({
      id: `${index}`,
      occurredAt: convertedAt - (names.length - index) * 3_600_000,
      channel,
      kind: isDirect ? 'direct' : 'campaign',
      paid: !isDirect,
    });
  });
  return { touches, conversion: { occurredAt: convertedAt, amountMinor } };
}

/** People who came by `a > b > c`. */
export function grouped(channels: string, counts: Partial<GroupedPath>): GroupedPath {
  return { channels: namesOf(channels), conversions: 0, nulls: 0, valueMinor: 0n, ...counts };
}

export function ruleModel(name: string, parameters: Record<string, unknown> = {}): RuleModel {
  const model = orThrow(parseModel(name, parameters));
  if (model.credits !== 'touches') throw new Error(`${name} is no rule`);
  return model;
}

export function channelModel(name: string, parameters: Record<string, unknown> = {}): ChannelModel {
  const model = orThrow(parseModel(name, parameters));
  if (model.credits !== 'channels') throw new Error(`${name} is a rule`);
  return model;
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

export function sumMinor(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, each) => total + each, 0n);
}

/** Touches of six channels in some 60 days before the conversion, many of them at one instant. */
export const arbitraryTouches: fc.Arbitrary<Touch[]> = fc.uniqueArray(
  fc.record({
    id: fc.uuid(),
    occurredAt: fc.integer({ min: 0, max: 60 }).map((days) => convertedAt - days * day),
    channel: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    kind: fc.constantFrom('click', 'campaign', 'referrer', 'direct'),
    paid: fc.boolean(),
  }),
  { selector: (each) => each.id, minLength: 1, maxLength: 12 },
);

export const arbitraryConversion: fc.Arbitrary<Conversion> = fc.record({
  occurredAt: fc.constant(convertedAt),
  amountMinor: fc.bigInt({ min: -1_000_000_000n, max: 1_000_000_000n }),
  leadAt: fc.option(
    fc.integer({ min: -1, max: 61 }).map((days) => convertedAt - days * day),
    { nil: undefined },
  ),
});

export function arbitraryPaths(channels: readonly string[]): fc.Arbitrary<GroupedPath[]> {
  return fc.array(
    fc.record({
      channels: fc.array(fc.constantFrom(...channels), { minLength: 1, maxLength: 7 }),
      conversions: fc.nat({ max: 20 }),
      nulls: fc.nat({ max: 50 }),
      valueMinor: fc.bigInt({ min: -300_000n, max: 1_000_000n }),
    }),
    { minLength: 1, maxLength: 25 },
  );
}

function namesOf(channels: string): string[] {
  return channels.split('>').map((channel) => channel.trim());
}
