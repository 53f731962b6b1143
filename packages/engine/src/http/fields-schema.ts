import * as z from 'zod';

import { isUuid } from '../kernel/id.ts';
import { faultStatus, refusalStatus } from './refusal-codes.ts';

/** Pieces that several wire schemas share. */

export const uuid = z
  .string()
  .refine(isUuid, { error: 'must be a UUID' })
  .transform((id) => id.toLowerCase())
  .meta({ format: 'uuid', example: '01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa0' });

/** Text that says something: not empty, not longer than its column or its sense allows. */
export function text(lengthMax: number) {
  return z
    .string()
    .min(1, { error: 'must not be empty' })
    .max(lengthMax, { error: `must have at most ${lengthMax} characters` });
}

/** RFC 3339, with seconds and an offset. */
export const instant = z.iso
  .datetime({
    offset: true,
    error: 'must be a time as in RFC 3339, for example 2026-12-31T23:59:59Z',
  })
  .transform((rfc3339) => new Date(rfc3339))
  .meta({ format: 'date-time', example: '2026-12-31T23:59:59Z' });

export function queryInteger(range: { min: number; max: number; default: number }) {
  const { min, max, default: fallback } = range;
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, { error: message })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: message })
    .default(fallback)
    .meta({ type: 'integer', minimum: min, maximum: max, default: fallback });
}

const offsetMax = 1_000_000;

/** What every list takes. */
export function pageQuery(defaultLimit: number) {
  return {
    limit: queryInteger({ min: 1, max: 200, default: defaultLimit }),
    offset: queryInteger({ min: 0, max: offsetMax, default: 0 }),
    cursor: text(200).optional().meta({
      type: 'string',
      description:
        'The `X-Next-Cursor` of the page before; unlike `offset` it neither slows down nor skips.',
    }),
  };
}

export const timestampOut = z
  .string()
  .meta({ format: 'date-time', example: '2026-11-21T09:00:00.000Z' });
export const idOut = z
  .string()
  .meta({ format: 'uuid', example: '01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa0' });
export const countOut = z.number().meta({ type: 'integer', minimum: 0, example: 42 });
export const jsonObject = z.record(z.string(), z.unknown());

export const moneyOut = z
  .object({
    currency: z.string().meta({ description: 'ISO 4217', example: 'USD' }),
    amount: z.number().meta({ type: 'integer', description: 'Minor units', example: 9800 }),
  })
  .meta({ id: 'Money' });

export const errorResponse = z
  .object({
    error: z
      .string()
      .meta({ description: 'For people', example: 'url must be an http or https address' }),
    code: z
      .enum(Object.keys({ ...refusalStatus, ...faultStatus }).sort() as [string, ...string[]])
      .meta({
        description: 'Stable; `docs/errors.md` says what each means',
        example: 'validation_failed',
      }),
    errors: z
      .record(z.string(), z.array(z.string()))
      .optional()
      .meta({
        description: 'Messages by field',
        example: { url: ['must be an http or https address'] },
      }),
  })
  .meta({ id: 'ErrorResponse' });
