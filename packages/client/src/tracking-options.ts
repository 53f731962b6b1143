import { systemTime, type Time } from './time.ts';
import { configurationError, type Result } from './tracking-error.ts';
import type { TrackedEvent } from './tracked-event.ts';

/** What a tracking client needs to know. What is missing from the environment is reported by the calls. */
export interface TrackingOptions {
  /** A secret key with the scope `tracking:write`. */
  apiKey: string | undefined;
  /** The slug of the project that every event of this client belongs to. */
  project?: string | undefined;
  /** The same as `project`, for those who come from Risenexa. */
  startupSlug?: string | undefined;
  /** Where Headwater is, with its base path: `https://shop.example/hw`. */
  baseUrl: string | undefined;
  /**
   * Milliseconds that one attempt may take.
   * @default 2000
   */
  timeoutMs?: number;
  /**
   * How often a failed attempt is made again; 0 makes one attempt only.
   * @default 3
   */
  maxRetries?: number;
  /**
   * Milliseconds that a call waits at most because a `Retry-After` says so.
   * @default 60000
   */
  maxRetryAfterMs?: number;
  /**
   * Milliseconds that a call may take with all of its attempts and waits.
   * @default no limit
   */
  deadlineMs?: number;
  /**
   * How many events the background queue holds.
   * @default 10000
   */
  queueMax?: number;
  /** Told what became of each event of the background queue. What it throws is ignored. */
  onDelivery?: (event: TrackedEvent, outcome: Result<{ eventId: string }>) => void;
  /**
   * Makes the requests.
   * @default the runtime's own
   */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /**
   * The clock and the waiting.
   * @default the runtime's own
   */
  time?: Time;
  /**
   * Uniform in [0, 1), for the jitter of the waits.
   * @default Math.random
   */
  random?: () => number;
}

/** Options that keep every rule, with the defaults filled in. */
export interface Settings {
  readonly apiKey: string;
  readonly project: string;
  readonly eventsUrl: string;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly maxRetryAfterMs: number;
  readonly deadlineMs: number;
  readonly queueMax: number;
  readonly onDelivery: NonNullable<TrackingOptions['onDelivery']>;
  readonly fetch: NonNullable<TrackingOptions['fetch']>;
  readonly time: Time;
  readonly random: () => number;
}

/** The longest delay that timers take: https://developer.mozilla.org/docs/Web/API/Window/setTimeout#maximum_delay_value */
const timerMillisecondsMax = 2 ** 31 - 1;

/** The options of a client, or the first rule that they break. */
export function resolveOptions(options: Partial<TrackingOptions>): Result<Settings> {
  const { apiKey, baseUrl } = options;
  const project = options.project ?? options.startupSlug;
  const problem =
    apiKeyProblem(apiKey) ??
    (isFilled(project) ? undefined : 'project is required: the slug of the project') ??
    baseUrlProblem(baseUrl) ??
    numberProblem(options, 'timeoutMs', 1, timerMillisecondsMax) ??
    numberProblem(options, 'maxRetries', 0, 1000) ??
    numberProblem(options, 'maxRetryAfterMs', 0, timerMillisecondsMax) ??
    numberProblem(options, 'deadlineMs', 1, timerMillisecondsMax) ??
    numberProblem(options, 'queueMax', 1, 1_000_000);
  if (problem !== undefined) return { ok: false, error: configurationError(problem) };
  return {
    ok: true,
    value: {
      apiKey: apiKey as string,
      project: project as string,
      eventsUrl: `${(baseUrl as string).replace(/\/+$/, '')}/api/v1/tracking/events`,
      timeoutMs: options.timeoutMs ?? 2000,
      maxRetries: options.maxRetries ?? 3,
      maxRetryAfterMs: options.maxRetryAfterMs ?? 60_000,
      deadlineMs: options.deadlineMs ?? Infinity,
      queueMax: options.queueMax ?? 10_000,
      onDelivery: options.onDelivery ?? (() => undefined),
      // Taken at each call, so that a host may instrument the global one; browsers want it called on no other object.
      fetch: options.fetch ?? ((url, init) => fetch(url, init)),
      time: options.time ?? systemTime,
      random: options.random ?? Math.random,
    },
  };
}

function apiKeyProblem(apiKey: unknown): string | undefined {
  if (!isFilled(apiKey)) return 'api_key is required: a secret key with the scope tracking:write';
  // RFC 9110, 5.5: what a header may hold without doubt.
  return /^[\x21-\x7e]+$/.test(apiKey)
    ? undefined
    : 'api_key must be printable ASCII without spaces';
}

function baseUrlProblem(baseUrl: unknown): string | undefined {
  if (!isFilled(baseUrl)) return 'base_url is required: where Headwater is, with its base path';
  try {
    const url = new URL(baseUrl);
    if (/^https?:$/.test(url.protocol) && !url.username && !url.password && !/[?#]/.test(baseUrl))
      return undefined;
  } catch {
    // The same answer as for an address of another kind.
  }
  return 'base_url must be an http or https address without credentials, query and fragment';
}

function numberProblem(
  options: Partial<TrackingOptions>,
  name: 'timeoutMs' | 'maxRetries' | 'maxRetryAfterMs' | 'deadlineMs' | 'queueMax',
  ...[min, max]: [number, number]
): string | undefined {
  const value: unknown = options[name];
  if (value === undefined) return undefined;
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max
    ? undefined
    : `${name} must be a whole number from ${min} to ${max}`;
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
