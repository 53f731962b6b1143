import type { ImportFile } from './import-files.ts';

export interface ImportProgress {
  /** `units`: how many lines or rows were read so far. */
  show(units: number, imported: number): void;
  /** Takes the line away again where somebody sees it. */
  end(): void;
}

/** A terminal is written to often and in place; a log file seldom, and line by line. */
const everyMilliseconds = { terminal: 200, log: 10_000 };

/** Says on standard error how far an import is, so that results and their pipes stay clean. */
export function createProgress(
  { name, share }: Pick<ImportFile, 'name' | 'share'>,
  unit: 'lines' | 'rows',
  output: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stderr,
): ImportProgress {
  const every = output.isTTY ? everyMilliseconds.terminal : everyMilliseconds.log;
  const startedAt = performance.now();
  let shownAt = startedAt;
  let isShown = false;
  return {
    show(units, imported) {
      const now = performance.now();
      if (now - shownAt < every) return;
      shownAt = now;
      const part = share();
      const text =
        `${name}: ${part === undefined ? '' : `${Math.floor(part * 100)} %, `}` +
        `${formatCount(units)} ${unit}, ${formatCount(imported)} imported, ` +
        `${formatCount(Math.round((units / (now - startedAt)) * 1_000))} ${unit}/s`;
      output.write(output.isTTY ? `\r${text}\u001B[K` : `${text}\n`);
      isShown = true;
    },
    end() {
      if (isShown && output.isTTY) output.write('\r\u001B[K');
    },
  };
}

/** 10,000 */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}
