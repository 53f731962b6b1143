import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';

export const qrFormats = ['svg', 'png'] as const;
export const qrCorrections = ['low', 'medium', 'quartile', 'high'] as const;

/** How a QR code is drawn. */
export interface QrOptions {
  /** @default 'svg' */
  readonly format: (typeof qrFormats)[number];
  /** Pixels of one module, the smallest square: 1 to 50. @default 10 */
  readonly size: number;
  /** Six hexadecimal digits. @default '000000' */
  readonly color: string;
  /** Six hexadecimal digits. @default 'ffffff' */
  readonly background: string;
  /** How much of the code may be hidden: 7, 15, 25 or 30 percent (ISO/IEC 18004). @default 'low' */
  readonly ec: (typeof qrCorrections)[number];
  /** Modules that stay empty around the code: 0 to 16, where scanners ask for four. @default 4 */
  readonly margin: number;
}

export const qrDefaults: QrOptions = {
  format: 'svg',
  size: 10,
  color: '000000',
  background: 'ffffff',
  ec: 'low',
  margin: 4,
};

export const qrRanges = { size: { min: 1, max: 50 }, margin: { min: 0, max: 16 } } as const;

/** Reads what was asked for; numbers may be written in digits, as a query has them. What is absent has its default. */
export function readQrOptions(
  input: Readonly<Partial<Record<keyof QrOptions, unknown>>>,
): Result<QrOptions, ValidationRefusal> {
  const errors: Record<string, string[]> = {};
  const read = (
    field: keyof QrOptions,
    reader: (value: unknown) => unknown,
    rule: string,
  ): unknown => {
    const given = input[field];
    if (given === undefined) return qrDefaults[field];
    const value = reader(given);
    if (value === undefined) errors[field] = [rule];
    return value;
  };

  const options = {
    format: read('format', (value) => oneOf(qrFormats, value), `must be ${qrFormats.join(' or ')}`),
    size: read('size', (value) => wholeNumber(value, qrRanges.size), 'must be 1 to 50'),
    color: read('color', colour, colourRule),
    background: read('background', colour, colourRule),
    ec: read(
      'ec',
      (value) => oneOf(qrCorrections, value),
      `must be one of ${qrCorrections.join(', ')}`,
    ),
    margin: read('margin', (value) => wholeNumber(value, qrRanges.margin), 'must be 0 to 16'),
  } as QrOptions;
  if (options.color !== undefined && options.color === options.background)
    errors['color'] = ['must differ from the background'];
  return Object.keys(errors).length === 0 ? ok(options) : refuseFields(errors);
}

const colourRule = 'must have six hexadecimal digits, for example ff0000';

function colour(value: unknown): string | undefined {
  return typeof value === 'string' && /^[0-9a-f]{6}$/i.test(value)
    ? value.toLowerCase()
    : undefined;
}

function oneOf(values: readonly string[], value: unknown): string | undefined {
  return typeof value === 'string' && values.includes(value) ? value : undefined;
}

function wholeNumber(
  value: unknown,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  const number = typeof value === 'string' && /^\d{1,4}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) return undefined;
  return number >= min && number <= max ? number : undefined;
}
