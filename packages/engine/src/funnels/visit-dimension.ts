import type { FieldErrors } from '../kernel/validation.ts';
import { findDimension, visitDimensions } from '../reports/dimension.ts';
import type { VisitDimension } from '../reports/dimension.ts';

/** Visits whose dimension has one of the values, or with `exclude` none of them. */
export interface VisitFilter {
  readonly dimension: VisitDimension;
  /** `null`, or `(not set)`, is where the visit has none. */
  readonly values: ReadonlyArray<string | null>;
  /** @default false */
  readonly exclude?: boolean | undefined;
}

export const visitFilterLimits = { filtersMax: 10, valuesMax: 100, lengthMax: 1_000 } as const;

/** What is wrong with the filters, by the place where it stands below `field`. */
export function checkVisitFilters(filters: unknown, field: string): FieldErrors {
  const { filtersMax, valuesMax, lengthMax } = visitFilterLimits;
  if (!Array.isArray(filters) || filters.length > filtersMax)
    return { [field]: [`must be a list of at most ${filtersMax}`] };
  const errors: Record<string, string[]> = {};
  for (const [index, filter] of filters.entries()) {
    const { dimension, values, exclude } = (filter ?? {}) as Partial<VisitFilter>;
    const place = `${field}[${index}]`;
    if (findDimension(visitDimensions, dimension) !== dimension)
      errors[`${place}.dimension`] = [`must be one of ${visitDimensions.join(', ')}`];
    if (!Array.isArray(values) || values.length < 1 || values.length > valuesMax)
      errors[`${place}.values`] = [`must have 1 to ${valuesMax} values`];
    else if (!values.every((value) => value === null || isText(value, lengthMax)))
      errors[`${place}.values`] = [`must be null or texts of 1 to ${lengthMax} characters`];
    if (exclude !== undefined && typeof exclude !== 'boolean')
      errors[`${place}.exclude`] = ['must be true or false'];
  }
  return errors;
}

function isText(value: unknown, lengthMax: number): boolean {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= lengthMax &&
    value.isWellFormed() &&
    !value.includes('\0')
  );
}
