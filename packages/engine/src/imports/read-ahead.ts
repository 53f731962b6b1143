/**
 * Looks at the beginning of a sequence without taking it away. What goes wrong there goes wrong for whoever reads the
 * sequence, behind what came before.
 */
export async function readAhead<T>(
  items: AsyncIterable<T>,
  isEnough: (ahead: readonly T[]) => boolean,
): Promise<{ readonly ahead: readonly T[]; readonly all: AsyncIterable<T> }> {
  const iterator = items[Symbol.asyncIterator]();
  const ahead: T[] = [];
  let failure: { readonly error: unknown } | undefined;
  try {
    while (!isEnough(ahead)) {
      const next = await iterator.next();
      if (next.done === true) break;
      ahead.push(next.value);
    }
  } catch (error) {
    failure = { error };
  }
  return { ahead, all: replay() };

  async function* replay(): AsyncGenerator<T> {
    try {
      yield* ahead;
      if (failure !== undefined) throw failure.error;
      for (;;) {
        const next = await iterator.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
}
