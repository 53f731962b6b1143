import { second, toMilliseconds } from '../kernel/clock.ts';
import type { Duration } from '../kernel/clock.ts';
import { ConfigurationError } from '../kernel/errors.ts';
import { refuse } from '../kernel/result.ts';
import type { Refusal } from '../kernel/result.ts';

/** So many requests in each window; windows of one length begin at the same moments everywhere. */
export interface RateLimit {
  readonly requests: number;
  readonly per: Duration;
}

/** What is limited. `false` switches a limit off. */
export interface LimitOptions {
  /** Credentials and proofs of one network that turn out wrong. @default { requests: 100, per: { minutes: 1 } } */
  readonly failedCredentials?: RateLimit | false;
  /** Requests of one network for links that do not exist, and its landings whose `ref` is no code. @default { requests: 300, per: { minutes: 1 } } */
  readonly unknownLinks?: RateLimit | false;
  /** Beacons of one network. @default { requests: 12_000, per: { minutes: 1 } } */
  readonly beacons?: RateLimit | false;
  /** Beacons with one publishable key. @default { requests: 600_000, per: { minutes: 1 } } */
  readonly beaconsPerKey?: RateLimit | false;
  /** Requests of one API key to the tracking endpoint; a batch is one. @default { requests: 60_000, per: { minutes: 1 } } */
  readonly tracking?: RateLimit | false;
  /** QR codes that have to be drawn for one network. @default { requests: 120, per: { minutes: 1 } } */
  readonly qrCodes?: RateLimit | false;
  /** Codes that one network, or one account, has tried, and tokens that are none. @default { requests: 20, per: { minutes: 1 } } */
  readonly codeChecks?: RateLimit | false;
  /** Codes that one account tries at the gate. @default { requests: 10, per: { minutes: 10 } } */
  readonly gateAttempts?: RateLimit | false;
  /** Who joins the waitlist, and asks for a place on it, from one network. @default { requests: 60, per: { minutes: 1 } } */
  readonly waitlist?: RateLimit | false;
  /** Passwords that were wrong, of one network and for one account, where somebody signs in beside the engine. @default { requests: 10, per: { minutes: 1 } } */
  readonly signIns?: RateLimit | false;
  /** Passwords of one link that one network gets wrong. @default { requests: 10, per: { minutes: 1 } } */
  readonly linkPasswords?: RateLimit | false;
  /** Questions of one network that need no key: `tls/ask`, `openapi.json`. @default { requests: 600, per: { minutes: 1 } } */
  readonly questions?: RateLimit | false;
}

export type LimitRule = keyof LimitOptions;

/** A rule as it is applied. */
export interface AppliedLimit {
  readonly requests: number;
  readonly milliseconds: number;
  /** So many requests may be known to one process alone; with these, it tells the others. */
  readonly share: number;
}

/** The rules that are on. */
export type AppliedLimits = Readonly<Partial<Record<LimitRule, AppliedLimit>>>;

export type RateLimitedRefusal = Refusal & {
  readonly code: 'rate_limited';
  readonly retryAfterSeconds: number;
};

const perMinute = (requests: number): RateLimit => ({ requests, per: { minutes: 1 } });

const defaults: Readonly<Record<LimitRule, RateLimit>> = {
  failedCredentials: perMinute(100),
  unknownLinks: perMinute(300),
  beacons: perMinute(12_000),
  beaconsPerKey: perMinute(600_000),
  tracking: perMinute(60_000),
  qrCodes: perMinute(120),
  codeChecks: perMinute(20),
  gateAttempts: { requests: 10, per: { minutes: 10 } },
  waitlist: perMinute(60),
  signIns: perMinute(10),
  linkPasswords: perMinute(10),
  questions: perMinute(600),
};

/** What guesses secrets is counted with all processes. */
const guesses: readonly LimitRule[] = [
  'failedCredentials',
  'codeChecks',
  'gateAttempts',
  'signIns',
  'linkPasswords',
];

/** A tenth keeps writes rare and the error small; docs/limits.md has the bound that follows from it. */
const shareOfLimit = 10;

/**
 * What is given, and the defaults.
 * @throws {ConfigurationError} a limit that cannot be counted.
 */
export function resolveLimits(options: LimitOptions | false = {}): AppliedLimits {
  if (options === false) return {};
  const rules = Object.entries(defaults) as Array<[LimitRule, RateLimit]>;
  return Object.fromEntries(
    rules.flatMap(([rule, usual]) => {
      const given = options[rule] ?? usual;
      return given === false ? [] : [[rule, apply(rule, given)]];
    }),
  );
}

function apply(rule: LimitRule, { requests, per }: RateLimit): AppliedLimit {
  const milliseconds = toMilliseconds(per);
  if (!Number.isSafeInteger(requests) || requests < 1 || requests > 1_000_000_000)
    throw new ConfigurationError(`limits.${rule}.requests is a whole number from 1 to 10^9.`);
  if (!Number.isSafeInteger(milliseconds) || milliseconds < second)
    throw new ConfigurationError(`limits.${rule}.per is a second or longer.`);
  const share = guesses.includes(rule) ? 1 : Math.ceil(requests / shareOfLimit);
  return { requests, milliseconds, share };
}

export function refuseExcess(retryAfterSeconds: number): RateLimitedRefusal {
  return {
    ...refuse('rate_limited', `Too many requests; try again in ${retryAfterSeconds} seconds`),
    retryAfterSeconds,
  };
}

/** What is added up: an IPv4 /24 or IPv6 /48, or nothing where it would be somebody else's. */
export type Network = string | undefined;

// Loopback, private and link-local networks and shared address space, by their prefixes (RFC 6890; RFC 4193 for fc00::/7).
const notPublic =
  /^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|0:0:0::|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/;

/**
 * The network that a limit counts for. An address that is not public is the machine itself, or a proxy that nobody has
 * named in `trustProxy`: everybody would share its count.
 */
export function countedNetwork(prefix: string | undefined): Network {
  return prefix === undefined || notPublic.test(prefix) ? undefined : prefix;
}
