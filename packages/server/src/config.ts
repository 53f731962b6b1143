import { join, resolve } from 'node:path';

import type { HeadwaterOptions } from 'headwater';

import type { OidcSettings, SignInSettings } from './auth/ground.ts';
import type { Environment } from './env.ts';

/** How this server runs: everything that commands and the HTTP server ask for. */
export interface ServerConfig {
  readonly port: number;
  /** `undefined` listens on every address of the machine. */
  readonly host: string | undefined;
  readonly logLevel: Environment['LOG_LEVEL'];
  readonly dataFolder: string;
  readonly embedded: boolean;
  /** The database of cities: what `geo download` writes, and the server takes up. */
  readonly placeFile: string;
  readonly maxmind: {
    readonly accountId: string | undefined;
    readonly licenseKey: string | undefined;
  };
  readonly basePath: string;
  /** Where people reach this server, without a slash at the end. */
  readonly publicUrl: string;
  /** How people sign in, and how mail is sent to them. */
  readonly mail: SignInSettings['mail'];
  readonly oidc: OidcSettings | undefined;
  /** Spans and metrics go to the collector that OpenTelemetry's own variables name. */
  readonly sendsTelemetry: boolean;
  /** Values that must never be printed. */
  readonly confidential: readonly string[];
  /** Everything but the logger. */
  readonly engine: Omit<HeadwaterOptions, 'logger'>;
}

export function toConfig(environment: Environment): ServerConfig {
  const dataFolder = resolve(environment.HEADWATER_DATA);
  const placeFile = resolve(environment.HEADWATER_GEO_FILE ?? join(dataFolder, 'places.mmdb'));
  const url = environment.DATABASE_URL;
  const publicUrl = new URL(
    environment.HEADWATER_PUBLIC_URL ?? `http://localhost:${environment.PORT}`,
  );
  return {
    port: environment.PORT,
    host: environment.HOST,
    logLevel: environment.LOG_LEVEL,
    dataFolder,
    embedded: url === undefined,
    placeFile,
    maxmind: {
      accountId: environment.MAXMIND_ACCOUNT_ID,
      licenseKey: environment.MAXMIND_LICENSE_KEY,
    },
    basePath: environment.HEADWATER_BASE_PATH,
    publicUrl: publicUrl.origin,
    mail:
      environment.SMTP_URL === undefined || environment.MAIL_FROM === undefined
        ? undefined
        : { url: environment.SMTP_URL, from: environment.MAIL_FROM },
    oidc: oidcOf(environment),
    sendsTelemetry: environment.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined,
    confidential: [
      ...(environment.HEADWATER_SECRET ?? []).map((secret) => secret.value),
      ...(environment.HEADWATER_SIGNING_SECRET ?? []).map((secret) => secret.value),
      ...[url, environment.HEADWATER_REPLICA_URL].flatMap((one) =>
        one === undefined ? [] : [one, ...passwordOf(one)],
      ),
      ...(environment.MAXMIND_LICENSE_KEY === undefined ? [] : [environment.MAXMIND_LICENSE_KEY]),
      ...(environment.OIDC_CLIENT_SECRET === undefined ? [] : [environment.OIDC_CLIENT_SECRET]),
      ...(environment.SMTP_URL === undefined ? [] : passwordOf(environment.SMTP_URL)),
    ],
    engine: {
      database:
        url === undefined
          ? { folder: dataFolder }
          : {
              url,
              connections: environment.HEADWATER_CONNECTIONS,
              prepare: environment.HEADWATER_PREPARE,
            },
      ...(environment.HEADWATER_REPLICA_URL !== undefined && {
        replica: {
          url: environment.HEADWATER_REPLICA_URL,
          connections: environment.HEADWATER_CONNECTIONS,
          lagMax: { seconds: environment.HEADWATER_REPLICA_LAG_SECONDS },
        },
      }),
      ...(environment.HEADWATER_SECRET === undefined
        ? {}
        : { secret: environment.HEADWATER_SECRET }),
      ...(environment.HEADWATER_SIGNING_SECRET === undefined
        ? {}
        : { invitations: { signingSecret: environment.HEADWATER_SIGNING_SECRET } }),
      schema: environment.HEADWATER_SCHEMA,
      basePath: environment.HEADWATER_BASE_PATH,
      links: {
        domains: linkDomains(environment, publicUrl),
        scheme: publicUrl.protocol === 'https:' ? 'https' : 'http',
        cacheSize: environment.HEADWATER_LINK_CACHE_SIZE,
        appSchemes: environment.HEADWATER_APP_SCHEMES,
        refreshEvery: { milliseconds: environment.HEADWATER_LINK_REFRESH_MILLISECONDS },
      },
      ownHosts: environment.HEADWATER_OWN_HOSTS,
      createPartitions: environment.HEADWATER_CREATE_PARTITIONS,
      durability: environment.HEADWATER_DURABILITY,
      spoolFolder: join(dataFolder, 'spool'),
      queueSize: environment.HEADWATER_QUEUE_SIZE,
      patience: { milliseconds: environment.HEADWATER_PATIENCE_MILLISECONDS },
      clickPatience: { milliseconds: environment.HEADWATER_CLICK_PATIENCE_MILLISECONDS },
      cookies: {
        visitor: environment.HEADWATER_VISITOR_COOKIE,
        click: environment.HEADWATER_CLICK_COOKIE,
      },
      connectors: {
        enabled: environment.HEADWATER_CONNECTORS,
        allowPrivateNetworks: environment.HEADWATER_CONNECTORS_PRIVATE,
      },
      trustProxy: environment.HEADWATER_TRUST_PROXY,
      geo: environment.HEADWATER_GEO && {
        file: placeFile,
        refreshEvery: { seconds: environment.HEADWATER_GEO_REFRESH_SECONDS },
        ...(environment.HEADWATER_GEO_HEADERS !== undefined && {
          headers: environment.HEADWATER_GEO_HEADERS,
        }),
      },
      proxyHeader: environment.HEADWATER_PROXY_HEADER,
      limits: environment.HEADWATER_LIMITS && limits(environment),
      live: {
        streams: environment.HEADWATER_LIVE_STREAMS,
        streamsPerWorkspace: environment.HEADWATER_LIVE_STREAMS_PER_WORKSPACE,
      },
      webhooks: { allowPrivateNetworks: environment.HEADWATER_WEBHOOKS_PRIVATE },
    },
  };
}

/** The configured domains first, then the server's own host; without a public address, the names of this machine. */
function linkDomains(environment: Environment, publicUrl: URL): readonly string[] {
  const own =
    environment.HEADWATER_PUBLIC_URL === undefined
      ? [publicUrl.host, `127.0.0.1:${environment.PORT}`, `[::1]:${environment.PORT}`]
      : [publicUrl.host];
  return [...new Set([...environment.HEADWATER_LINK_DOMAINS, ...own])];
}

function limits(environment: Environment): Exclude<HeadwaterOptions['limits'], false | undefined> {
  const given = {
    failedCredentials: environment.HEADWATER_LIMIT_FAILED_CREDENTIALS,
    unknownLinks: environment.HEADWATER_LIMIT_UNKNOWN_LINKS,
    beacons: environment.HEADWATER_LIMIT_BEACONS,
    beaconsPerKey: environment.HEADWATER_LIMIT_BEACONS_PER_KEY,
    tracking: environment.HEADWATER_LIMIT_TRACKING,
    qrCodes: environment.HEADWATER_LIMIT_QR_CODES,
    questions: environment.HEADWATER_LIMIT_QUESTIONS,
    signIns: environment.HEADWATER_LIMIT_SIGN_INS,
  };
  return Object.fromEntries(Object.entries(given).filter(([, limit]) => limit !== undefined));
}

function oidcOf(environment: Environment): OidcSettings | undefined {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId } = environment;
  const { OIDC_CLIENT_SECRET: clientSecret } = environment;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined)
    return undefined;
  return {
    issuer,
    clientId,
    clientSecret,
    scopes: environment.OIDC_SCOPES,
    name: environment.OIDC_NAME,
  };
}

function passwordOf(url: string): readonly string[] {
  const { password } = new URL(url);
  return password === '' ? [] : [password, decodeURIComponent(password)];
}
