import type { PGlite } from '@electric-sql/pglite';
import type { Pool } from 'pg';

import type { ConnectorOptions } from './connectors/connector-options.ts';
import type { HookRegistration } from './hooks/hook.ts';
import type { Clock, Duration } from './kernel/clock.ts';
import type { InvitationOptions } from './invitations/invitation-options.ts';
import type { PaymentProvider } from './payments/payment-provider.ts';
import type { PlaceHeaders, ContentDeliveryNetwork } from './places/place-headers.ts';
import type { PlaceNormaliser } from './places/normalise-record.ts';
import type { PlaceProvider } from './places/provider.ts';
import type { LimitOptions } from './limits/rate-limit.ts';
import type { Secret } from './security/keyring.ts';
import type { TelemetryOptions } from './telemetry/telemetry.ts';
import type { ResolveTxt } from './workspaces/domain.ts';

/** Where Headwater writes what an operator reads. Never given secrets, tokens, emails or full addresses. */
export interface Logger {
  info(message: string, details?: Readonly<Record<string, unknown>>): void;
  warn(message: string, details?: Readonly<Record<string, unknown>>): void;
  error(message: string, details?: Readonly<Record<string, unknown>>): void;
}

/**
 * Where the rows live: a PostgreSQL URL, the host application's own pool, a folder for the embedded database, or an
 * open PGlite.
 */
export type DatabaseOption =
  | {
      readonly url: string;
      /** @default 10 */ readonly connections?: number;
      /** @default true */ readonly prepare?: boolean;
    }
  | { readonly pool: Pool; /** @default true */ readonly prepare?: boolean }
  | { readonly folder: string }
  | { readonly pglite: PGlite };

/** How the host application recognises the callers of the REST API instead of Headwater's own keys. */
export type Authenticate = (
  credential: string,
  kind: 'bearer' | 'api_key',
) => Promise<AuthenticateAnswer> | AuthenticateAnswer;

export type AuthenticateAnswer =
  | {
      readonly ok: true;
      readonly workspaceId: string;
      /** @default all of them */
      readonly scopes?: readonly string[];
      /** Who asks, in the host's words: stands in the log beside what they did. */
      readonly actor?: string;
    }
  | {
      readonly ok: false;
      readonly reason: 'unauthorized' | 'forbidden';
      readonly message?: string;
    };

/**
 * How the host application recognises whoever is signed in to it, by a cookie for example; `undefined` for nobody. A
 * browser sends cookies unasked: that a write comes from the host's own pages is the host's to check here.
 */
export type AuthenticateSession = (
  request: Request,
) => Promise<AuthenticateAnswer | undefined> | AuthenticateAnswer | undefined;

export interface HeadwaterOptions {
  readonly database: DatabaseOption;
  /** A streaming replica of the database, which reports are read from. @see docs/deployment.md */
  readonly replica?: {
    readonly url: string;
    /** @default 10 */
    readonly connections?: number;
    /** A replica that is further behind is not read. @default { seconds: 10 } */
    readonly lagMax?: Duration;
  };
  /**
   * Keys the hashes and the encryption. One string, or several with ids for rotation: the first one writes, all read.
   * The embedded database makes its own beside the data when this is left out.
   */
  readonly secret?: string | readonly Secret[];
  /**
   * The schema that holds Headwater's tables.
   * @default 'headwater'
   */
  readonly schema?: string;
  /**
   * Everything but short links is served below this path.
   * @default '/hw'
   */
  readonly basePath?: string;
  readonly links?: {
    /** Whether health checks may ask destinations in private networks. @default false */
    readonly allowPrivateNetworks?: boolean;
    /** Hosts (with port where it is not the scheme's) whose links the first workspace serves. */
    readonly domains?: readonly string[];
    /** Scheme of the short links that the API shows. @default 'https' */
    readonly scheme?: 'http' | 'https';
    /** How many links, and how many unknown keys, are remembered. @default 10_000 */
    readonly cacheSize?: number;
    /** How often other processes' changes are looked for. @default { seconds: 1 } */
    readonly refreshEvery?: Duration;
    /** App schemes that destinations may use beside http and https: `['myapp']`. @default [] */
    readonly appSchemes?: readonly string[];
  };
  /** Hosts that are the product's own: arrivals from there are no sources. Link domains belong to them. */
  readonly ownHosts?: readonly string[];
  /** @default true */
  readonly createPartitions?: boolean;
  /**
   * When a caller gets its answer: after the commit, or after the event is in memory (a crash may lose it).
   * @default 'commit'
   */
  readonly durability?: 'commit' | 'memory';
  /** The folder for clicks that could not be committed in time, and for the snapshot of the links. */
  readonly spoolFolder?: string;
  /** How long a click waits for its commit before it is spooled. @default { milliseconds: 50 } */
  readonly clickPatience?: Duration;
  /** How long an API call waits for its commit before it answers 503. @default { seconds: 10 } */
  readonly patience?: Duration;
  /** Events waiting for their commit; more are refused with 503. @default 50_000 */
  readonly queueSize?: number;
  /**
   * Where requests come from. `false` switches it off: events have no place, and links lead everybody to the same.
   * @default countries, from the database that is installed with Headwater
   */
  readonly geo?: GeoOptions | false;
  /**
   * How much of what anybody may send is taken from one network, or with one publishable key. `false` takes all of it.
   * Known links are never limited. @see docs/limits.md
   */
  readonly limits?: LimitOptions | false;
  /** Tokens, their signatures, and what is tracked on invitations. @see docs/invitations.md */
  readonly invitations?: InvitationOptions;
  /** Payment providers of the host's own, beside Stripe. @see docs/payments.md */
  readonly paymentProviders?: readonly PaymentProvider[];
  /** @see docs/webhooks.md */
  readonly webhooks?: {
    /**
     * Lets messages go to loopback and private networks, and over http: for trying things out, and where all receivers
     * are one's own.
     * @default false
     */
    readonly allowPrivateNetworks?: boolean;
  };
  /** Looks for the TXT record that proves a domain. @default that of `node:dns/promises` */
  readonly resolveTxt?: ResolveTxt;
  /** Conversions back to ad platforms. @see docs/connectors.md */
  readonly connectors?: ConnectorOptions;
  /** Replaces Headwater's own API keys. */
  readonly authenticate?: Authenticate;
  /** Recognises callers of the REST API who show neither a bearer token nor a key. */
  readonly authenticateSession?: AuthenticateSession;
  readonly cookies?: {
    /** @default '_hw_visitor' */
    readonly visitor?: string;
    /** @default '_hw_click' */
    readonly click?: string;
    /** Which invitation or referral code somebody came with. @default '_hw_ref' */
    readonly referral?: string;
  };
  /**
   * Called once for each event of their type, in the process that committed it.
   * @default []
   */
  readonly hooks?: readonly HookRegistration[];
  readonly live?: {
    /** How often other processes' events are looked for while somebody listens. @default { milliseconds: 500 } */
    readonly refreshEvery?: Duration;
    /** How often a stream of server-sent events says that it is alive. @default { seconds: 15 } */
    readonly heartbeatEvery?: Duration;
    /** Streams of server-sent events that are open in this process; more are answered with 503. @default 1_000 */
    readonly streams?: number;
    /** The same of one workspace; more are answered with 429. @default 100 */
    readonly streamsPerWorkspace?: number;
  };
  /** Spans and metrics for OpenTelemetry. @see docs/deployment.md */
  readonly telemetry?: TelemetryOptions;
  /** @default the system's */
  readonly clock?: Clock;
  /** @default silent */
  readonly logger?: Logger;
  /**
   * Whose word to take for the visitor's address, host and scheme: of how many proxies, one behind the other (`true` is
   * one), or of those with these addresses (`['10.0.0.0/8', '2001:db8::7']`) and nobody else.
   * @default false
   */
  readonly trustProxy?: boolean | number | readonly string[];
  /**
   * The headers that the trusted proxies write: `X-Forwarded-For`, `-Host` and `-Proto`, or `Forwarded` (RFC 7239). The
   * others are left aside: a proxy that does not write them passes on what the client has made up.
   * @default 'x-forwarded'
   */
  readonly proxyHeader?: 'x-forwarded' | 'forwarded';
}

export interface GeoOptions {
  /**
   * A file in MaxMind's format with cities, time zones and coordinates: `GeoLite2-City.mmdb`. It is taken up when it
   * appears or is replaced; until then countries are known.
   */
  readonly file?: string;
  /** Reads the records of a file whose fields are not MaxMind's. */
  readonly normalise?: PlaceNormaliser;
  /** A source of places of your own, instead of a file and of the countries. */
  readonly provider?: PlaceProvider;
  /**
   * Believe what the network or the proxy in front says of a request: its name, or the names of the headers. Only where
   * requests can come from nowhere else.
   */
  readonly headers?: ContentDeliveryNetwork | PlaceHeaders;
  /** How often the file is looked at, while there are requests. @default { minutes: 1 } */
  readonly refreshEvery?: Duration;
}
