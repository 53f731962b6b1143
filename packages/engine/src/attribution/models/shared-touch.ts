import type { Path } from './path.ts';

/** The same credit to every touch: a channel that comes twice counts twice. */
export function linear({ touches }: Path): number[] {
  return touches.map(() => 1 / touches.length);
}

/**
 * The whole credit to every channel of the path, on its first touch. The weights add up to the number of channels, so
 * totals over channels mean nothing.
 */
export function participation({ touches }: Path): number[] {
  const seen = new Set<string>();
  return touches.map(({ channel }) => {
    if (seen.has(channel)) return 0;
    seen.add(channel);
    return 1;
  });
}
