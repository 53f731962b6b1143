import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { createProgress } from './import-progress.ts';

function outputOf(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) > 0 };
}

describe('createProgress', () => {
  it('writes one line in place on a terminal, and takes it away at the end', async () => {
    const output = outputOf(true);
    const progress = createProgress({ name: 'access.log', share: () => 0.256 }, 'lines', output);
    progress.show(10, 1);
    expect(output.written).toEqual([]);
    await sleep(220);
    progress.show(12_000, 3_400);
    progress.show(12_001, 3_400);
    progress.end();
    expect(output.written).toHaveLength(2);
    expect(output.written[0]).toMatch(
      /^\raccess\.log: 25 %, 12,000 lines, 3,400 imported, [\d,]+ lines\/s/,
    );
    expect(output.written[1]).toBe('\r\u001B[K');
  });

  it('keeps quiet in a log file for as long as an import is short', async () => {
    const output = outputOf(false);
    const progress = createProgress({ name: 'x', share: () => undefined }, 'rows', output);
    await sleep(220);
    progress.show(12_000, 3_400);
    progress.end();
    expect(output.written).toEqual([]);
  });
});
