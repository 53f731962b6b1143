import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { originOf } from './access-log-options.ts';
import { guessSite } from './guess-site.ts';
import { readAhead } from './read-ahead.ts';
import { readInput } from './read-input.ts';
import type { ImportStream, InputRefusal } from './read-input.ts';
import { readLines } from './read-lines.ts';
import type { InputLine } from './read-lines.ts';

/** Scheme and host of the pages of a log, and whether they were told or guessed. */
export interface LoggedSite {
  readonly origin: string;
  readonly guessed: boolean;
}

/** An access log whose beginning has been looked at. */
export interface OpenAccessLog {
  readonly site: LoggedSite | undefined;
  readonly batches: AsyncIterable<readonly InputLine[]>;
}

/** Longer lines are no requests that a server takes (nginx and Apache have 8 KiB for each header). */
const lineBytesMax = 65_536;
/** So many lines are looked at for the site before the first one is given. */
const sampleLines = 2_000;

/** Unpacks a log and cuts it into lines. @param site scheme and host of its pages, where somebody knows them */
export async function openAccessLog(
  stream: ImportStream,
  site: string | undefined,
): Promise<Result<OpenAccessLog, InputRefusal>> {
  const input = await readInput(stream);
  if (!input.ok) return input;
  const { ahead, all } = await readAhead(
    readLines(input.value, lineBytesMax),
    (batches) => batches.reduce((sum, lines) => sum + lines.length, 0) >= sampleLines,
  );
  return ok({ site: findSite(site, ahead.flat()), batches: all });
}

function findSite(given: string | undefined, sample: readonly InputLine[]): LoggedSite | undefined {
  if (given !== undefined) return { origin: originOf(given)!, guessed: false };
  const origin = guessSite(sample.map(({ bytes }) => bytes?.toString() ?? ''));
  return origin === undefined ? undefined : { origin, guessed: true };
}
