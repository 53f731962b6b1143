import { appendFileSync, readFileSync } from 'node:fs';

import { propertySeed } from '../support/properties.ts';

/** `npm run test:faults` is the long form; the short one is part of every run of the tests. */
export const isLong = process.env['FAULTS'] === 'long';

/** How often a fault is made: `FAULT_ROUNDS` decides for both forms. */
export function rounds(short: number, long: number): number {
  return Number(process.env['FAULT_ROUNDS'] ?? (isLong ? long : short));
}

/** Where chance begins in every file: `FAULT_SEED` repeats a run as far as clients and kernels let it. */
const seed = Number(process.env['FAULT_SEED'] ?? propertySeed);

/** Numbers from 0 up to 1 that follow from the seed (mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c). */
export function seededRandom(): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a scenario has shown: a line for whoever watches, and a row of the table at the end of the long form. */
export function report(scenario: string, figures: Readonly<Record<string, number | string>>): void {
  const text = Object.entries(figures)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
  const line = `${scenario}: ${text}, seed ${seed}\n`;
  process.stderr.write(line);
  const table = process.env['FAULT_TABLE'];
  if (table !== undefined) appendFileSync(table, line);
}

/** Of recoveries and the like, in whole milliseconds. */
export function spread(milliseconds: readonly number[]): { p50: number; max: number } {
  const sorted = [...milliseconds].sort((left, right) => left - right);
  return {
    p50: Math.round(sorted[sorted.length >> 1] ?? 0),
    max: Math.round(sorted.at(-1) ?? 0),
  };
}

/** The resident memory of a process in MB, where the system tells (proc(5), `statm` counts pages of 4 kB). */
export function residentMegabytes(pid: number): number {
  const pages = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1];
  return Math.round((Number(pages) * 4_096) / 2 ** 20);
}
