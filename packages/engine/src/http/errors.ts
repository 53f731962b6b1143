import type { ZodError } from 'zod';

import { describeFault } from '../kernel/describe-fault.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { fieldName } from '../kernel/json-limits.ts';
import type { Refusal } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { FieldErrors, ValidationRefusal } from '../kernel/validation.ts';
import type { RateLimitedRefusal } from '../limits/rate-limit.ts';
import type { Logger } from '../options.ts';
import { isOutage } from '../store/outage.ts';
import type { RefusalCode } from './refusal-codes.ts';
import { refusalStatus } from './refusal-codes.ts';

/** The one form of every error. */
export interface ErrorBody {
  readonly error: string;
  readonly code: string;
  readonly errors?: FieldErrors;
}

export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers?: Readonly<Record<string, string>>;
}

const errorFieldsMax = 50;

export function answerRefusal(refusal: Refusal & { readonly code: RefusalCode }): ErrorAnswer {
  const { code, message, errors } = refusal;
  const status = refusalStatus[code];
  return {
    status,
    body: {
      error: errors === undefined ? message : nameWireField(message, errors),
      code,
      ...(errors === undefined ? {} : { errors: toWireFields(errors) }),
    },
    ...headersOf(status, refusal),
  };
}

function headersOf(status: number, refusal: Refusal): Pick<ErrorAnswer, 'headers'> {
  if (status === 401) return { headers: { 'www-authenticate': 'Bearer realm="headwater"' } };
  const { retryAfterSeconds } = refusal as Partial<RateLimitedRefusal>;
  return retryAfterSeconds === undefined
    ? {}
    : { headers: { 'retry-after': String(retryAfterSeconds) } };
}

/** A fault says nothing of its cause; the id leads from the answer to the log. */
export function answerFault(error: unknown, logger: Logger, createId: () => string): ErrorAnswer {
  const unavailable = asUnavailable(error);
  if (unavailable !== undefined) {
    return {
      status: 503,
      body: {
        error: 'The service is not available now; the same request can be sent again',
        code: 'unavailable',
      },
      headers: { 'retry-after': String(unavailable.retryAfterSeconds) },
    };
  }
  const id = createId();
  logger.error('A request failed.', { id, error: locateFault(error) });
  return {
    status: 500,
    body: { error: `An internal error happened; its id is ${id}`, code: 'internal_error' },
  };
}

function asUnavailable(error: unknown): UnavailableError | undefined {
  if (error instanceof UnavailableError) return error;
  if (!isOutage(error)) return undefined;
  return new UnavailableError('The database is away.', { retryAfterSeconds: 1, cause: error });
}

/** The places in the code beside what may be said of any error. */
function locateFault(error: unknown): Record<string, unknown> {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frames = stack.split('\n').filter((line) => line.trimStart().startsWith('at '));
  return { ...describeFault(error), at: frames.slice(0, 8).map((line) => line.trim()) };
}

/** What zod found, by the field as the caller wrote it. */
export function refuseZod(error: ZodError, prefix = ''): ValidationRefusal {
  // Without a prototype: a field may be called `constructor`.
  const errors = Object.create(null) as Record<string, string[]>;
  for (const issue of error.issues) {
    const path = [...(prefix === '' ? [] : [prefix]), ...issue.path.map(toPathPart)];
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys)
        addError(errors, fieldName([...path, key]), 'is not a known field');
    } else {
      addError(errors, fieldName(path) || 'body', issue.message);
    }
  }
  return refuseFields(errors);
}

function addError(errors: Record<string, string[]>, field: string, message: string): void {
  if (!Object.hasOwn(errors, field) && Object.keys(errors).length >= errorFieldsMax) return;
  const messages = (errors[field] ??= []);
  if (!messages.includes(message)) messages.push(message);
}

function toPathPart(part: PropertyKey): string | number {
  return typeof part === 'number' ? part : String(part);
}

/** Use cases name fields in camelCase, the wire in snake_case. */
function toWireFields(errors: FieldErrors): FieldErrors {
  return Object.fromEntries(
    Object.entries(errors).map(([field, messages]) => [toWireField(field), messages]),
  );
}

function toWireField(field: string): string {
  return field.replace(/^[a-z][A-Za-z]*/, (first) =>
    first.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  );
}

/** A message that begins with the field that it is about calls it as the wire does. */
function nameWireField(message: string, errors: FieldErrors): string {
  const field = Object.keys(errors).find((name) => message.startsWith(`${name} `));
  return field === undefined ? message : toWireField(field) + message.slice(field.length);
}
