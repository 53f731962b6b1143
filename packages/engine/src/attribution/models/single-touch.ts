import type { Path } from './path.ts';

/** All credit to the first touch. */
export function firstTouch({ touches }: Path): number[] {
  return allTo(0, touches.length);
}

/** All credit to the last touch. */
export function lastTouch({ touches }: Path): number[] {
  return allTo(touches.length - 1, touches.length);
}

/** All credit to the last touch that is not direct; where all are, to the last. */
export function lastNonDirect(path: Path): number[] {
  const index = path.touches.findLastIndex((touch) => touch.kind !== 'direct');
  return index === -1 ? lastTouch(path) : allTo(index, path.touches.length);
}

/** All credit to the last touch that was paid for; where none was, to the last that is not direct. */
export function lastPaid(path: Path): number[] {
  const index = path.touches.findLastIndex((touch) => touch.paid);
  return index === -1 ? lastNonDirect(path) : allTo(index, path.touches.length);
}

function allTo(index: number, length: number): number[] {
  return Array.from({ length }, (_, each) => (each === index ? 1 : 0));
}
