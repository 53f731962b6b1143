import type { Logger } from 'headwater';
import { destination, pino, stdTimeFunctions } from 'pino';
import type { LoggerOptions } from 'pino';

export interface Log extends Logger {
  /** Writes what is still in memory. */
  flush(): void;
}

/**
 * JSON lines on standard error; standard output belongs to what people and scripts asked for. Secrets, tokens, emails
 * and full addresses are taken out of every line, whatever wrote it.
 */
export function createLog(options: {
  readonly level: string;
  readonly confidential?: readonly string[];
  /** @default standard error */
  readonly write?: (line: string) => void;
}): Log {
  const clean = createScrubber(options.confidential ?? []);
  const { write } = options;
  const target = write === undefined ? destination({ fd: 2, sync: true }) : { write };
  const settings: LoggerOptions = {
    level: options.level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  };
  const log = pino(settings, target);
  return {
    info: (message, details) => log.info(clean(details ?? {}), clean(message) as string),
    warn: (message, details) => log.warn(clean(details ?? {}), clean(message) as string),
    error: (message, details) => log.error(clean(details ?? {}), clean(message) as string),
    flush: () => log.flush(),
  };
}

const hidden = '[hidden]';
const depthMax = 6;
const entriesMax = 50;
const sensitiveName =
  /pass|secret|token|cookie|authori[sz]|api_?key|credential|email|phone|^ip$|remote_?addr|forwarded/i;

/** A copy of any value in which nothing confidential is left. */
export function createScrubber(confidential: readonly string[]): (value: unknown) => unknown {
  const values = confidential
    .filter((value) => value.length >= 4)
    .toSorted((one, other) => other.length - one.length);

  const text = (input: string): string => {
    let output = input.length > 4_000 ? `${input.slice(0, 4_000)}…` : input;
    for (const value of values) output = output.replaceAll(value, hidden);
    return output
      .replace(/\bhw_[sp]k_[\w-]+/g, hidden)
      .replace(/\b(bearer|basic)\s+[\w.~+/=-]+/gi, `$1 ${hidden}`)
      .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@:]*(?::[^\s/@]*)?@/gi, `$1${hidden}@`)
      .replace(/[\w.!#$%&'*+/=?^`{|}~-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+/g, hidden)
      .replace(/\b(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}\b/g, (address, prefix: string) =>
        address.startsWith('127.') ? address : `${prefix}.x`,
      )
      .replace(
        /\b([0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}):[0-9a-f:]*:[0-9a-f]{0,4}\b/gi,
        '$1:x',
      );
  };

  const scrub = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return text(value);
    if (typeof value === 'bigint') return String(value);
    if (typeof value !== 'object' || value === null || value instanceof Date) return value;
    if (depth >= depthMax) return '[deep]';
    if (value instanceof Error) return scrubError(value, depth);
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (Array.isArray(value))
      return value.slice(0, entriesMax).map((entry) => scrub(entry, depth + 1));
    return Object.fromEntries(
      Object.entries(value)
        .slice(0, entriesMax)
        .map(([name, entry]) => [
          name,
          sensitiveName.test(name) && entry !== undefined ? hidden : scrub(entry, depth + 1),
        ]),
    );
  };

  // A driver's error carries the row it failed on (`detail`, `where`): only what describes the fault is kept.
  const scrubError = (error: Error, depth: number): unknown => ({
    name: error.name,
    message: text(error.message),
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    ...(error.stack === undefined ? {} : { stack: text(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: scrub(error.cause, depth + 1) }),
  });

  return (value) => scrub(value, 0);
}
