import * as z from 'zod';

import { text } from '../http/fields-schema.ts';
import { findDimension, notSet } from './dimension.ts';
import { isPeriodText, periodProblem } from './report-period.ts';

/** What every report takes on the wire: the period, and filters. */

const moment = text(40).refine(isPeriodText, { error: periodProblem }).optional();

export const periodQuery = {
  from: moment.meta({
    description:
      'A day in the zone, or a time as in RFC 3339. Without it the first of the last `days`',
    example: '2026-11-01',
  }),
  to: moment.meta({
    description: 'A day, which is part of the period, or a time, which is not. Without it now',
    example: '2026-11-30',
  }),
  days: z
    .union(
      [
        z
          .string()
          .regex(/^\d{1,5}$/)
          .transform(Number),
        z.number(),
      ],
      {
        error: 'must be a whole number',
      },
    )
    .optional()
    .meta({
      type: 'integer',
      minimum: 1,
      maximum: 7_320,
      default: 30,
      description: 'Without `from`: so many days of the zone, that of the end among them',
    }),
  timezone: text(64).optional().meta({
    description: "An IANA zone. Without it the workspace's",
    example: 'Europe/Berlin',
  }),
};

/** Keeps what has one of these values, or leaves it out. `null` is no value. */
export interface WireFilter<Of extends string> {
  readonly dimension: Of;
  readonly values: Array<string | null>;
  readonly exclude?: boolean | undefined;
}

/** A filter as `dimension:value`, and any number of them as JSON, so that values may hold anything. */
export function filterQuery<Of extends string>(dimensions: readonly Of[]) {
  const dimension = z.string().transform((name, check) => {
    const found = findDimension(dimensions, name);
    if (found !== undefined) return found;
    check.addIssue({ code: 'custom', message: `must be one of ${dimensions.join(', ')}` });
    return z.NEVER;
  });
  const list = z.array(
    z.strictObject({
      dimension,
      values: z
        .array(z.union([text(2_048), z.null()]))
        .min(1)
        .max(100),
      exclude: z.boolean().optional(),
    }),
  );
  return {
    filter: text(2_150)
      .transform((written, check): WireFilter<Of> => {
        const [, name, value = ''] = /^([a-z_]+):(.+)$/s.exec(written) ?? [];
        const found = findDimension(dimensions, name);
        if (found !== undefined)
          return { dimension: found, values: [value === notSet ? null : value] };
        check.addIssue({
          code: 'custom',
          message: `must be dimension:value, the dimension one of ${dimensions.join(', ')}`,
        });
        return z.NEVER;
      })
      .optional()
      .meta({ type: 'string', description: 'One filter', example: 'country:DE' }),
    filters: text(20_000)
      .transform((json, check): unknown => {
        try {
          return JSON.parse(json) as unknown;
        } catch {
          check.addIssue({
            code: 'custom',
            message: 'must be a JSON array of {"dimension", "values", "exclude"?}',
          });
          return z.NEVER;
        }
      })
      .pipe(list)
      .optional()
      .meta({
        type: 'string',
        description:
          'JSON: filters that all hold. One with `exclude` leaves its values out; the value `null` means that there is none.',
        example:
          '[{"dimension":"channel","values":["Email","Direct"]},{"dimension":"country","values":["DE"],"exclude":true}]',
      }),
  };
}

/** The filters of a query, in both forms. */
export function toFilters<Of extends string>(query: {
  readonly filter?: WireFilter<Of> | undefined;
  readonly filters?: ReadonlyArray<WireFilter<Of>> | undefined;
}): Array<WireFilter<Of>> {
  return [...(query.filter === undefined ? [] : [query.filter]), ...(query.filters ?? [])];
}
