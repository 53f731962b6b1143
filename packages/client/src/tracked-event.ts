import { newEventId } from './event-id.ts';
import { invalid, type Result, type ValidationError } from './tracking-error.ts';

/** Who registered or converted. */
export interface UserInput {
  /** Your own id of the user. A whole number is sent as its decimal digits. */
  userId: string | number | bigint;
  /**
   * Makes the event count once, however often it is sent.
   * @default a random UUID
   */
  eventId?: string | undefined;
  /**
   * When it happened: a `Date`, or ISO 8601 with an offset.
   * @default when the server receives it
   */
  occurredAt?: Date | string | undefined;
  /** Whatever else is worth keeping: a JSON object. */
  metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** An event with every field. */
export interface TrackInput extends UserInput {
  /** `user_registered`, `user_converted`, or a type that the project has of its own. */
  eventType: 'user_registered' | 'user_converted' | (string & Record<never, never>);
  /**
   * `remove` takes an earlier event of this user and type back, as when a subscription ends.
   * @default 'add'
   */
  action?: 'add' | 'remove' | undefined;
}

/** An event as it is sent. What was not given is absent, so that the server's own defaults hold. */
export interface TrackedEvent {
  readonly event_type: string;
  readonly user_id: string;
  readonly event_id: string;
  readonly occurred_at?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly action?: 'add' | 'remove';
}

const idCharactersMax = 255;

/** RFC 3339: a date, a time and an offset. */
const instant = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/**
 * Makes the event, and with it the id that every attempt to deliver it carries. What is delivered later than it is made
 * has `now` as its time, because the server would take the time of its arrival.
 */
export function makeEvent(
  input: TrackInput,
  { now }: { now?: number } = {},
): Result<TrackedEvent, ValidationError> {
  try {
    return readEvent(input, now === undefined ? undefined : new Date(now));
  } catch {
    return { ok: false, error: invalid(['event has a field that cannot be read']) };
  }
}

function readEvent(
  input: TrackInput,
  madeAt: Date | undefined,
): Result<TrackedEvent, ValidationError> {
  // A caller without types may give anything at all.
  const given: Partial<Record<keyof TrackInput, unknown>> =
    typeof input === 'object' && input !== null ? input : {};
  const errors: string[] = [];
  const required = { required: true };
  const eventType = text(given.eventType, 'event_type', errors, required);
  const userId = text(decimal(given.userId), 'user_id', errors, required);
  const eventId = text(given.eventId, 'event_id', errors);
  const occurredAt = time(given.occurredAt ?? madeAt, errors);
  const metadata = object(given.metadata, errors);
  const action = given.action ?? undefined;
  if (action !== undefined && action !== 'add' && action !== 'remove')
    errors.push('action must be add or remove');
  if (errors.length > 0) return { ok: false, error: invalid(errors) };
  return {
    ok: true,
    value: {
      event_type: eventType as string,
      user_id: userId as string,
      event_id: eventId ?? newEventId(),
      ...(occurredAt !== undefined && { occurred_at: occurredAt }),
      ...(metadata !== undefined && { metadata }),
      ...(action !== undefined && { action: action as 'add' | 'remove' }),
    },
  };
}

/** Larger numbers have lost digits already, so that two users could look like one. */
function decimal(value: unknown): unknown {
  return typeof value === 'bigint' || Number.isSafeInteger(value) ? String(value) : value;
}

function text(
  value: unknown,
  field: string,
  errors: string[],
  { required = false } = {},
): string | undefined {
  if (value === undefined || value === null) {
    if (required) errors.push(`${field} is required`);
    return undefined;
  }
  if (typeof value !== 'string') errors.push(`${field} must be ${kinds(field)}`);
  else if (value.trim() === '') errors.push(`${field} must not be empty`);
  else if (value.length > idCharactersMax)
    errors.push(`${field} must have at most ${idCharactersMax} characters`);
  else return value;
  return undefined;
}

function kinds(field: string): string {
  return field === 'user_id' ? 'a string or a whole number' : 'a string';
}

function time(value: unknown, errors: string[]): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  if (typeof value === 'string' && instant.test(value) && !Number.isNaN(Date.parse(value)))
    return value;
  errors.push('occurred_at must be a date, or ISO 8601 with an offset');
  return undefined;
}

/** A copy, so that what the caller changes later is not sent. */
function object(value: unknown, errors: string[]): TrackedEvent['metadata'] {
  if (value === undefined || value === null) return undefined;
  try {
    const copy: unknown = JSON.parse(JSON.stringify(value));
    if (typeof copy === 'object' && copy !== null && !Array.isArray(copy))
      return copy as Record<string, unknown>;
  } catch {
    // A circle, a bigint, or a `toJSON` that throws.
  }
  errors.push('metadata must be an object that JSON can hold');
  return undefined;
}
