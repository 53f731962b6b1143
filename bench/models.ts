// `npm run bench -- models`: what the models that learn from all paths cost, by themselves. Needs no database.
import { cpus } from 'node:os';

import { creditByMarkov } from '../packages/engine/src/attribution/models/markov.ts';
import type { GroupedPath } from '../packages/engine/src/attribution/models/path.ts';
import { creditByShapley } from '../packages/engine/src/attribution/models/shapley.ts';

const pathCount = 10_000;
const channels = Array.from({ length: 12 }, (_, index) => `channel ${index}`);
const stepsMax = 8;
const rounds = 7;

/** Prints the CPU time of each model, in milliseconds: how busy the machine is otherwise matters little. */
export function benchmarkModels(): void {
  const paths = makePaths();
  const runs: ReadonlyArray<readonly [string, () => unknown]> = [
    ...[1, 2, 3, 4].map(
      (order) =>
        [
          `Markov, order ${order}`,
          () => creditByMarkov(paths, { order, weighting: 'conversions' }),
        ] as const,
    ),
    ...(['conversions', 'rate'] as const).map(
      (worth) =>
        [
          `Shapley by ${worth}`,
          () => creditByShapley(paths, { worth, samples: 10_000, seed: 1 }),
        ] as const,
    ),
  ];
  process.stdout.write(
    `${pathCount} different paths of up to ${stepsMax} steps, ${channels.length} channels; ${cpus()[0]?.model ?? ''}\n`,
  );
  for (const [name, run] of runs) {
    run();
    const times = Array.from({ length: rounds }, () => cpuMilliseconds(run)).sort((a, b) => a - b);
    const [least, median] = [times[0], times[Math.floor(rounds / 2)]];
    process.stdout.write(`${name}: ${least?.toFixed(0)} ms least, ${median?.toFixed(0)} median\n`);
  }
}

function cpuMilliseconds(run: () => unknown): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** The same paths each time (Marsaglia's xorshift32); some channels are in many more of them than others. */
function makePaths(): GroupedPath[] {
  let state = 12_345;
  const random = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const paths = new Map<string, GroupedPath>();
  while (paths.size < pathCount) {
    const steps = Array.from(
      { length: 1 + Math.floor(random() * stepsMax) },
      () => channels[Math.floor(random() * random() * channels.length)]!,
    );
    paths.set(steps.join(), {
      channels: steps,
      conversions: Math.floor(random() * 5),
      nulls: Math.floor(random() * 50),
      valueMinor: BigInt(Math.floor(random() * 100_000)),
    });
  }
  return [...paths.values()];
}
