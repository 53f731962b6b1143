import { isIP } from 'node:net';

import * as z from 'zod';

/** What the environment says, read and checked; `config.ts` decides what it means. */
export type Environment = z.infer<typeof environmentSchema>;

export type EnvironmentResult =
  | { readonly ok: true; readonly environment: Environment; readonly unknown: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads every variable, and names every one that is wrong. An empty variable counts as absent. */
export function readEnvironment(
  source: Readonly<Record<string, string | undefined>>,
): EnvironmentResult {
  const given = Object.fromEntries(
    Object.entries(source).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    return {
      ok: false,
      problems: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    };
  }
  const known = Object.keys(environmentSchema.shape);
  const unknown = Object.keys(given).filter(
    (name) => name.startsWith('HEADWATER_') && !known.includes(name),
  );
  return { ok: true, environment: parsed.data, unknown };
}

const hostPattern =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?::\d{1,5})?$/;

const hostList = z
  .string()
  .transform((text) => splitList(text.toLowerCase()))
  .refine(
    (hosts) => hosts.every((host) => hostPattern.test(host)),
    'lists host names, with a port where there is one, separated by commas',
  );

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .refine(
      (text) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most,
      `is a whole number from ${least} to ${most}`,
    )
    .transform(Number);

const yesOrNo = z.stringbool({
  truthy: ['true', '1', 'yes', 'on'],
  falsy: ['false', '0', 'no', 'off'],
  error: 'is true or false',
});

const trustedProxies =
  'is true, false, the number of trusted proxies, or their addresses: 10.0.0.0/8,192.0.2.7';

const addressList = z
  .string()
  .transform(splitList)
  .refine((list) => list.length > 0 && list.every(isNetwork), trustedProxies);

/** `600/minute`, or `false`. */
const rateLimit = z.string().transform((text, context) => {
  if (/^(?:false|off|no|0)$/i.test(text)) return false;
  const [, requests, unit] = /^([1-9]\d{0,8})\/(second|minute|hour|day)$/.exec(text) ?? [];
  if (requests === undefined) {
    context.addIssue({
      code: 'custom',
      message: 'is false, or like 600/minute: second, minute, hour or day',
    });
    return z.NEVER;
  }
  return { requests: Number(requests), per: { [`${unit}s`]: 1 } };
});

// A token of RFC 6265 §4.1.1.
const cookieName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]{1,64}$/, 'is a name that a cookie can have, 64 characters at most');

/** A content delivery network, or the header (RFC 9110 §5.1) in which the proxy in front writes the country. */
const placeHeaders = z
  .string()
  .transform((text) => text.trim().toLowerCase())
  .transform((text, context) => {
    if (text === 'cloudflare' || text === 'vercel' || text === 'cloudfront') return text;
    if (/^[a-z0-9]+(?:-[a-z0-9]+)+$/.test(text)) return { countryCode: text };
    context.addIssue({
      code: 'custom',
      message: 'is cloudflare, vercel, cloudfront or the name of a header like x-client-country',
    });
    return z.NEVER;
  });

const secrets = z.string().transform((text, context) => {
  const list = splitList(text).map((entry) => {
    const colon = entry.indexOf(':');
    return colon < 0
      ? { id: 'k1', value: entry }
      : { id: entry.slice(0, colon), value: entry.slice(colon + 1) };
  });
  const wrong = (message: string) => context.addIssue({ code: 'custom', message });
  if (list.length > 1 && splitList(text).some((entry) => !entry.includes(':'))) {
    wrong('with several secrets, each one is written as id:value');
  } else if (list.some((secret) => !/^[a-z0-9]{1,16}$/.test(secret.id))) {
    wrong('the id before the colon has 1 to 16 lower-case letters and digits');
  } else if (new Set(list.map((secret) => secret.id)).size < list.length) {
    wrong('every secret has an id of its own');
  }
  if (list.length === 0 || list.some((secret) => secret.value.length < 32))
    wrong('a secret has at least 32 characters');
  return list;
});

const environmentSchema = z
  .object({
    PORT: wholeNumber(0, 65_535).default(4400),
    HOST: z.string().optional(),
    DATABASE_URL: z
      .string()
      .refine(isPostgresUrl, 'is a URL like postgres://user:password@host:5432/database')
      .optional(),
    LOG_LEVEL: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
        error: 'is one of trace, debug, info, warn, error, fatal, silent',
      })
      .default('info'),
    HEADWATER_SECRET: secrets.optional(),
    HEADWATER_SIGNING_SECRET: secrets.optional(),
    HEADWATER_API_KEY: z.string().optional(),
    HEADWATER_DATA: z.string().default('./.headwater'),
    HEADWATER_PUBLIC_URL: z
      .string()
      .refine(isPublicUrl, 'is a URL like https://go.example.com, without a path')
      .optional(),
    HEADWATER_BASE_PATH: z
      .string()
      .regex(/^\/[\w.~-]+(?:\/[\w.~-]+)*$/, 'is a path like /hw, without a slash at its end')
      .default('/hw'),
    HEADWATER_LINK_DOMAINS: hostList.default([]),
    HEADWATER_OWN_HOSTS: hostList.default([]),
    HEADWATER_APP_SCHEMES: z
      .string()
      .transform(splitList)
      .refine(
        (schemes) => schemes.every((scheme) => /^[a-z][a-z0-9+.-]*$/.test(scheme)),
        'lists schemes like myapp, separated by commas',
      )
      .default([]),
    HEADWATER_TRUST_PROXY: z
      .union([yesOrNo, wholeNumber(2, 100), addressList], { error: trustedProxies })
      .default(false),
    HEADWATER_CONNECTORS: yesOrNo.default(true),
    HEADWATER_CONNECTORS_PRIVATE: yesOrNo.default(false),
    HEADWATER_GEO: yesOrNo.default(true),
    HEADWATER_GEO_FILE: z.string().optional(),
    HEADWATER_GEO_HEADERS: placeHeaders.optional(),
    HEADWATER_GEO_REFRESH_SECONDS: wholeNumber(1, 86_400).default(60),
    MAXMIND_ACCOUNT_ID: z.string().optional(),
    MAXMIND_LICENSE_KEY: z.string().optional(),
    HEADWATER_PROXY_HEADER: z
      .enum(['x-forwarded', 'forwarded'], { error: 'is x-forwarded or forwarded' })
      .default('x-forwarded'),
    HEADWATER_LIMITS: yesOrNo.default(true),
    HEADWATER_LIMIT_FAILED_CREDENTIALS: rateLimit.optional(),
    HEADWATER_LIMIT_UNKNOWN_LINKS: rateLimit.optional(),
    HEADWATER_LIMIT_BEACONS: rateLimit.optional(),
    HEADWATER_LIMIT_BEACONS_PER_KEY: rateLimit.optional(),
    HEADWATER_LIMIT_TRACKING: rateLimit.optional(),
    HEADWATER_LIMIT_QR_CODES: rateLimit.optional(),
    HEADWATER_LIMIT_QUESTIONS: rateLimit.optional(),
    HEADWATER_LIMIT_SIGN_INS: rateLimit.optional(),
    SMTP_URL: z
      .string()
      .refine(isSmtpUrl, 'is a URL like smtps://user:password@mail.example.com')
      .optional(),
    MAIL_FROM: z
      .string()
      .regex(
        /^(?:[^<>"\r\n]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/,
        'is an address, or like Headwater <mail@example.com>',
      )
      .optional(),
    OIDC_ISSUER: z
      .string()
      .refine(isHttpUrl, 'is the URL of the identity provider')
      .transform((text) => text.replace(/\/$/, ''))
      .optional(),
    OIDC_CLIENT_ID: z.string().optional(),
    OIDC_CLIENT_SECRET: z.string().optional(),
    OIDC_SCOPES: z
      .string()
      .transform((text) => text.split(/[\s,]+/).filter((scope) => scope !== ''))
      .default(['openid', 'email', 'profile']),
    OTEL_EXPORTER_OTLP_ENDPOINT: z
      .string()
      .refine(isHttpUrl, 'is the URL of a collector like http://localhost:4318')
      .optional(),
    OIDC_NAME: z.string().max(60).default('Single sign-on'),
    HEADWATER_WEBHOOKS_PRIVATE: yesOrNo.default(false),
    HEADWATER_LIVE_STREAMS: wholeNumber(1, 1_000_000).default(1_000),
    HEADWATER_LIVE_STREAMS_PER_WORKSPACE: wholeNumber(1, 1_000_000).default(100),
    HEADWATER_SCHEMA: z
      .string()
      .regex(
        /^[a-z_][a-z0-9_]{0,62}$/,
        'has lower-case letters, digits and underscores, and starts with a letter',
      )
      .default('headwater'),
    HEADWATER_CONNECTIONS: wholeNumber(2, 500).default(10),
    HEADWATER_REPLICA_URL: z
      .string()
      .refine(isPostgresUrl, 'is a URL like postgres://user:password@host:5432/database')
      .optional(),
    HEADWATER_REPLICA_LAG_SECONDS: wholeNumber(1, 3_600).default(10),
    HEADWATER_PREPARE: yesOrNo.default(true),
    HEADWATER_DURABILITY: z
      .enum(['commit', 'memory'], { error: 'is commit or memory' })
      .default('commit'),
    HEADWATER_CREATE_PARTITIONS: yesOrNo.default(true),
    HEADWATER_LINK_CACHE_SIZE: wholeNumber(100, 10_000_000).default(10_000),
    HEADWATER_LINK_REFRESH_MILLISECONDS: wholeNumber(100, 60_000).default(1_000),
    HEADWATER_QUEUE_SIZE: wholeNumber(100, 10_000_000).default(50_000),
    HEADWATER_PATIENCE_MILLISECONDS: wholeNumber(100, 600_000).default(10_000),
    HEADWATER_CLICK_PATIENCE_MILLISECONDS: wholeNumber(1, 10_000).default(50),
    HEADWATER_VISITOR_COOKIE: cookieName.default('_hw_visitor'),
    HEADWATER_CLICK_COOKIE: cookieName.default('_hw_click'),
  })
  .refine(
    (environment) =>
      environment.DATABASE_URL === undefined || environment.HEADWATER_SECRET !== undefined,
    {
      path: ['HEADWATER_SECRET'],
      message:
        'is required with DATABASE_URL: 32 characters or more, the same in every process, e.g. from `openssl rand -base64 32`',
    },
  )
  .refine(
    (environment) => environment.HEADWATER_VISITOR_COOKIE !== environment.HEADWATER_CLICK_COOKIE,
    { path: ['HEADWATER_CLICK_COOKIE'], message: 'is another name than that of the visitor' },
  )
  .refine(
    (environment) => environment.SMTP_URL === undefined || environment.MAIL_FROM !== undefined,
    { path: ['MAIL_FROM'], message: 'is required with SMTP_URL: whom mails are from' },
  )
  .refine(
    ({ OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET }) => {
      const given = [OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET];
      return given.every((value) => value === undefined) || !given.includes(undefined);
    },
    {
      path: ['OIDC_ISSUER'],
      message: 'OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET belong together',
    },
  );

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** An address, or a network like 10.0.0.0/8. */
function isNetwork(text: string): boolean {
  const [address = '', prefix = '0', ...more] = text.split('/');
  const version = isIP(address);
  return (
    version !== 0 &&
    more.length === 0 &&
    /^\d{1,3}$/.test(prefix) &&
    Number(prefix) <= (version === 4 ? 32 : 128)
  );
}

function isPostgresUrl(text: string): boolean {
  if (!/^postgres(?:ql)?:\/\//.test(text)) return false;
  return URL.canParse(text);
}

function isSmtpUrl(text: string): boolean {
  return /^smtps?:\/\/[^/]/.test(text) && URL.canParse(text);
}

function isHttpUrl(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text);
}

function isPublicUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (
    /^https?:$/.test(url.protocol) &&
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === ''
  );
}
