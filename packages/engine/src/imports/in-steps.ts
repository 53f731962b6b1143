import { setImmediate as others } from 'node:timers/promises';

/** The items as they are, with a pause after every so many of them: long work holds up nobody else's request. */
export async function* inSteps<T>(items: Iterable<T>, stepSize: number): AsyncGenerator<T> {
  let count = 0;
  for (const item of items) {
    yield item;
    count += 1;
    if (count % stepSize === 0) await others();
  }
}
