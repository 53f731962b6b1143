import { memo } from 'react';
import type { ReactNode } from 'react';

export interface KeptProps {
  /** What the contents are made from, as texts. */
  readonly by: readonly unknown[];
  readonly children: ReactNode;
}

/**
 * Contents that are rendered again only when what they are made from differs: for the parts of a long form, so that a key
 * that is pressed in one of them does not cost the others. What handlers inside read of the form they ask it for.
 */
export const Kept = memo(
  function Kept({ children }: KeptProps) {
    return children;
  },
  (before, after) =>
    before.by.length === after.by.length &&
    before.by.every((part, index) => Object.is(part, after.by[index])),
);
