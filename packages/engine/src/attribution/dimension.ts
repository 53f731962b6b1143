import { visitDimensions } from '../reports/dimension.ts';
import type { VisitDimension } from '../reports/dimension.ts';

/** What credit can be counted by: a property of the touch that earns it, or of its visit. */
export const dimensions = [...visitDimensions, 'invitation'] as const;
export type Dimension = VisitDimension | 'invitation';

/** Which touches count; the others keep their part of the credit, as one row of their own. */
export interface TouchFilter {
  readonly dimension: Dimension;
  /** `null` is a touch of which it is not known. */
  readonly values: ReadonlyArray<string | null>;
  /** Touches with none of the values. @default false */
  readonly exclude?: boolean | undefined;
}

/** What a row of a report counts the credit of. */
export interface RowSubject {
  /**
   * `value`: touches with this value. `not_set`: touches of which it is not known. `filtered`: touches that the filters
   * leave out. `unattributed`: conversions that no touch could earn.
   */
  readonly kind: 'value' | 'not_set' | 'filtered' | 'unattributed';
  /** Only of `value`. */
  readonly value: string | undefined;
}

/** A touch's value as models and SQL group by it. Values from outside never begin with a control character. */
export const notSetKey = '';
export const filteredKey = '\u0001';
export const unattributedKey = '\u0002';

export function subjectOf(key: string): RowSubject {
  if (key === notSetKey) return { kind: 'not_set', value: undefined };
  if (key === filteredKey) return { kind: 'filtered', value: undefined };
  if (key === unattributedKey) return { kind: 'unattributed', value: undefined };
  return { kind: 'value', value: key };
}
