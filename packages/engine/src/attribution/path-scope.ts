import type { Dimension, TouchFilter } from './dimension.ts';
import type { Goal } from './goal.ts';

/** Which touches and conversions a question is about, and as when they are known. */
export interface PathScope {
  readonly workspaceId: string;
  readonly goals: readonly Goal[];
  readonly dimension: Dimension;
  readonly filters: readonly TouchFilter[];
  /** Milliseconds: only what was recorded by then, and people as they were joined then. `undefined` is now. */
  readonly asOf: number | undefined;
}
