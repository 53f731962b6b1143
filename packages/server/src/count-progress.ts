/** How far a long work has come. */
export interface CountProgress {
  readonly step: string;
  readonly done: number;
  /** Where it is known. */
  readonly total: number | undefined;
}

/** A terminal is written to often and in place; a log file seldom, and line by line. */
export function showCounts(output: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>): {
  readonly show: (progress: CountProgress) => void;
  readonly end: () => void;
} {
  const every = output.isTTY ? 200 : 10_000;
  let shownAt = -Infinity;
  let isShown = false;
  return {
    show({ step, done, total }) {
      const now = performance.now();
      if (now - shownAt < every) return;
      shownAt = now;
      isShown = true;
      const text = `${step}: ${done}${total === undefined ? '' : ` of ${total}`}`;
      output.write(output.isTTY ? `\r${text}\u001B[K` : `${text}\n`);
    },
    end() {
      if (isShown && output.isTTY) output.write('\r\u001B[K');
    },
  };
}
