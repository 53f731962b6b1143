import { expect, it } from 'vitest';

import { orThrow } from '../../kernel/result.ts';
import { creditPaths } from './credit-paths.ts';
import { parseModel } from './model.ts';

const paths = [
  { channels: ['Paid Search', 'Email', 'Direct'], conversions: 2, nulls: 1, valueMinor: 1_001n },
  { channels: ['Email'], conversions: 1, nulls: 0, valueMinor: 99n },
  { channels: [], conversions: 1, nulls: 0, valueMinor: 5n },
];

it.each([
  ['last_non_direct', { Email: [3, 1_100n] }],
  ['last_paid', { Email: [1, 99n], 'Paid Search': [2, 1_001n] }],
  ['first_touch', { Email: [1, 99n], 'Paid Search': [2, 1_001n] }],
])('credits paths of one’s own by %s', (name, expected) => {
  const credits = orThrow(creditPaths(orThrow(parseModel(name)), paths));
  const earned = credits.filter(({ conversions }) => conversions > 0);
  expect(
    Object.fromEntries(
      earned.map(({ channel, conversions, valueMinor }) => [channel, [conversions, valueMinor]]),
    ),
  ).toEqual(expected);
});

it('lets the learning models learn from them, and refuses what needs times', () => {
  const markov = orThrow(creditPaths(orThrow(parseModel('markov')), paths));
  expect(markov.map(({ channel }) => channel)).toEqual(['Direct', 'Email', 'Paid Search']);
  expect(creditPaths(orThrow(parseModel('time_decay')), paths)).toMatchObject({
    code: 'validation_failed',
  });
});
