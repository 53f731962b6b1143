/** Forms that stand-ins hold requests against: strict, and every fault is named by its path. */
import { exponentOf } from '../../../packages/engine/src/kernel/money.ts';

export interface Fault {
  /** `user_data.em[0]` */
  readonly path: string;
  readonly rule: string;
}

export type Check = (value: unknown, path: string) => readonly Fault[];

/** An object with these fields and no others. */
export function object(
  required: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>> = {},
): Check {
  return (value, path) => {
    if (!isRecord(value)) return [{ path, rule: 'must be an object' }];
    const known = { ...optional, ...required };
    const inside = (name: string): string => (path === '' ? name : `${path}.${name}`);
    return [
      ...Object.keys(required)
        .filter((name) => value[name] === undefined)
        .map((name) => ({ path: inside(name), rule: 'is required' })),
      ...Object.entries(value).flatMap(([name, field]) => {
        const check = Object.hasOwn(known, name) ? known[name] : undefined;
        if (check === undefined) return [{ path: inside(name), rule: 'is unknown' }];
        return field === undefined ? [] : check(field, inside(name));
      }),
    ];
  };
}

export function list(item: Check, { min = 1, max = Infinity } = {}): Check {
  return (value, path) => {
    if (!Array.isArray(value)) return [{ path, rule: 'must be a list' }];
    if (value.length < min || value.length > max)
      return [{ path, rule: `must have ${min} to ${max} items` }];
    return value.flatMap((each, index) => item(each, `${path}[${index}]`));
  };
}

/** Another check, once the shape is right. */
export function and(shape: Check, more: Check): Check {
  return (value, path) => {
    const faults = shape(value, path);
    return faults.length > 0 ? faults : more(value, path);
  };
}

export function either(...checks: readonly Check[]): Check {
  return (value, path) => {
    const faults = checks.map((check) => check(value, path));
    return faults.some((each) => each.length === 0) ? [] : faults[0]!;
  };
}

/** A rule about a whole object, whose fault names one of its fields or the object. */
export function rule(
  holds: (value: Readonly<Record<string, unknown>>) => boolean,
  words: string,
  field?: string,
): Check {
  return (value, path) =>
    holds(value as Readonly<Record<string, unknown>>)
      ? []
      : [{ path: field === undefined ? path : `${path}.${field}`, rule: words }];
}

export function text(pattern = /^[^]+$/, words = 'must be text'): Check {
  return (value, path) =>
    typeof value === 'string' && pattern.test(value) ? [] : [{ path, rule: words }];
}

export function oneOf(...values: readonly unknown[]): Check {
  return (value, path) =>
    values.includes(value) ? [] : [{ path, rule: `must be one of ${values.join(', ')}` }];
}

export function integer(min: number, max: number, words = `must be ${min} to ${max}`): Check {
  return (value, path) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max
      ? []
      : [{ path, rule: words }];
}

export const number: Check = (value, path) =>
  typeof value === 'number' && Number.isFinite(value) ? [] : [{ path, rule: 'must be a number' }];
export const boolean: Check = oneOf(true, false);
export const sha256 = text(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex');
export const currency: Check = (value, path) =>
  typeof value === 'string' && exponentOf(value) !== undefined
    ? []
    : [{ path, rule: 'must be a currency of ISO 4217' }];
export const webAddress = text(/^https?:\/\/[^\s/]+/, 'must be an http or https address');
export const ipAddress = text(
  /^(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]*:[0-9a-f:]+)$/i,
  'must be an IP address',
);

/** A number in major units: no more decimals than the currency has, which cents for dollars would not betray. */
export function majorAmount(currencyField: string, valueField: string): Check {
  return (record, path) => {
    if (!isRecord(record) || record[valueField] === undefined) return [];
    const value = record[valueField];
    const exponent = exponentOf(String(record[currencyField]));
    const place = `${path}.${valueField}`;
    if (exponent === undefined) return [{ path: `${path}.${currencyField}`, rule: 'is required' }];
    if (typeof value !== 'number' || value < 0) return [{ path: place, rule: 'must be a number' }];
    return isCutTo(exponent, value) ? [] : [{ path: place, rule: 'has too many decimals' }];
  };
}

/** The same as decimal text. */
export function majorDecimal(currencyField: string, valueField: string): Check {
  return (record, path) => {
    if (!isRecord(record) || record[valueField] === undefined) return [];
    const exponent = exponentOf(String(record[currencyField]));
    const place = `${path}.${valueField}`;
    if (exponent === undefined) return [{ path: `${path}.${currencyField}`, rule: 'is required' }];
    const form = exponent === 0 ? /^\d+$/ : new RegExp(`^\\d+\\.\\d{${exponent}}$`);
    const value = record[valueField];
    return typeof value === 'string' && form.test(value)
      ? []
      : [{ path: place, rule: 'must be decimal text in major units' }];
  };
}

function isCutTo(exponent: number, value: number): boolean {
  return Number(value.toFixed(exponent)) === value;
}

/** Not older than `seconds`, and at most `aheadSeconds` ahead. */
export function recent(
  now: number,
  { days, aheadSeconds = 60 }: { readonly days: number; readonly aheadSeconds?: number },
  unit: 'seconds' | 'milliseconds' = 'seconds',
): Check {
  return (value, path) => {
    const at = Number(value) * (unit === 'seconds' ? 1_000 : 1);
    if (!Number.isInteger(value) || at < 1_000_000_000_000 || at > 9_999_999_999_999)
      return [{ path, rule: `must be Unix time in ${unit}` }];
    if (now - at > days * 86_400_000) return [{ path, rule: 'is too old' }];
    return at - now > aheadSeconds * 1_000 ? [{ path, rule: 'is in the future' }] : [];
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The index of the row that a fault is about: `data[3].user` → 3. */
export function rowOf({ path }: Fault): number {
  return Number(/\[(\d+)\]/.exec(path)?.[1] ?? 0);
}
