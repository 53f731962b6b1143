/** Tells the person at the terminal how far a long work has come. */
export interface Progress {
  /** @param total where it is known */
  advance(done: number, total: number | undefined): void;
  end(): void;
}

const redrawMilliseconds = 100;
const quarters = 4;

/**
 * On a terminal one line that counts up; elsewhere, in the log of a scheduled job, a line for each quarter.
 * @param name what is worked on: `Downloading GeoLite2-City`
 */
export function createProgress(
  name: string,
  output: Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean } = process.stderr,
): Progress {
  let drawnAt = -Infinity;
  let quarter = 0;
  let shown = false;
  return {
    advance(done, total) {
      const text = `${name}: ${describe(done, total)}`;
      if (output.isTTY === true) {
        if (performance.now() - drawnAt < redrawMilliseconds && done !== total) return;
        drawnAt = performance.now();
        shown = true;
        output.write(`\r${text}\u001b[K`);
        return;
      }
      const reached =
        total === undefined || total === 0 ? 0 : Math.floor((done / total) * quarters);
      if (reached <= quarter) return;
      quarter = reached;
      output.write(`${text}\n`);
    },
    end() {
      if (shown) output.write('\n');
      shown = false;
    },
  };
}

function describe(done: number, total: number | undefined): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  return total === undefined
    ? `${megabytes(done)} MB`
    : `${megabytes(done)} of ${megabytes(total)} MB`;
}
