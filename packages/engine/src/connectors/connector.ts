/**
 * The contract of a connector: how conversions reach one ad platform. The connectors that come with Headwater and those
 * of a host are the same kind of object, and everything but `deliver` is pure.
 *
 * 1. `eventTypes`, `requiredSignals`, `ageMax` and `consent` say which conversions it takes (`judgeConversion`).
 * 2. `build` turns one conversion into a payload, or refuses it.
 * 3. `request` puts payloads of one group into an HTTP request, at most `batch.conversionsMax` of them. A connector that
 *    does not speak HTTP has `deliver` instead.
 * 4. `classify` reads the answer: one outcome for each payload.
 *
 * @module
 */
import type { Duration } from '../kernel/clock.ts';
import type { Result } from '../kernel/result.ts';
import type { FieldErrors } from '../kernel/validation.ts';
import type { ConsentNeeds } from './ad-consent.ts';
import { adPlatformConsent } from './consent-needs.ts';
import { isConversionSignal } from './conversion-signals.ts';
import type { OutgoingConversion, OutgoingType } from './outgoing-conversion.ts';

export interface Connector<
  C extends CredentialFields = CredentialFields,
  S extends SettingFields = SettingFields,
> extends ConnectorDefinition<C, S> {
  readonly label: string;
  readonly signals: Readonly<Record<string, SignalRule>>;
  readonly settings: S;
  readonly batch: Batch;
  readonly consent: ConsentNeeds;
}

/** A connector as its author writes it, for `defineConnector`. */
export interface ConnectorDefinition<C extends CredentialFields, S extends SettingFields> {
  /** Unique among the connectors of an installation: `[a-z][a-z0-9_]{0,39}`. It is stored with every dispatch. */
  readonly type: string;
  /** As people know the platform. @default its type */
  readonly label?: string;
  readonly eventTypes: readonly OutgoingType[];
  /** Where a setting narrows `eventTypes`: one of two APIs that takes no refunds. */
  supportsType?(type: OutgoingType, configuration: Configuration<C, S>): boolean;
  /**
   * What a conversion must have: of each group at least one. Click ids and cookies by their own names (`gclid`, `_fbp`),
   * and what `signalsOf` makes of the conversion itself (`email`, `phone`, `ip_address`, `amount` …).
   */
  readonly requiredSignals: readonly (readonly string[])[];
  /**
   * The click ids and cookies that it can send, each with how long after the click the platform takes it. A name may end
   * in `*`.
   * @default the click ids that it requires, for 90 days
   */
  readonly signals?: Readonly<Record<string, SignalRule>>;
  /** By the name under which the workspace stores them. */
  readonly credentials: C;
  /** @default none */
  readonly settings?: S;
  /** What only all of them together can be asked: a developer token that one of two APIs needs. */
  check?(configuration: Configuration<C, S>): FieldErrors | undefined;
  /** The platform refuses older conversions. @default any age */
  ageMax?(configuration: Configuration<C, S>): Duration;
  /** How far ahead of the clock a conversion may be. @default { minutes: 1 } */
  readonly aheadMax?: Duration;
  /** @default one conversion for each request */
  readonly batch?: Batch;
  /** How many requests the platform takes; all of them hold. @default none known */
  readonly rates?: readonly Rate[];
  /** @default nothing without `ads`, no person and no device without `ad_user_data` */
  readonly consent?: ConsentNeeds;
  /**
   * Whether the platform recognises a repeat of this conversion. What it does not recognise is sent again only when it
   * is known not to have arrived. @default always
   */
  deduplicates?(conversion: OutgoingConversion, configuration: Configuration<C, S>): boolean;
  build(
    conversion: OutgoingConversion,
    context: ConnectorContext<C, S>,
  ): Result<Payload, BuildRefusal>;
  /** The payloads are of one group, and at least one. */
  request?(payloads: readonly Payload[], context: ConnectorContext<C, S>): OutgoingRequest;
  /** In the place of `request`, for what is no single HTTP request. Faults are outages, and tried again. */
  deliver?(
    payloads: readonly Payload[],
    context: ConnectorContext<C, S>,
    ports: DeliveryPorts,
  ): Promise<PlatformResponse>;
  /** One outcome for all payloads of the request, or one for each in their order. */
  classify(response: PlatformResponse, payloads: readonly Payload[]): Outcome | readonly Outcome[];
  /** Where access tokens are short-lived. */
  readonly oauth?: OAuth<C, S>;
  /** What `context.test` does; without it there is no test mode. */
  readonly testMode?: string;
  /** Where the platform's last word comes later than its answer. */
  readonly followUp?: FollowUp<C, S>;
  /**
   * How likely each signal alone lets the platform recognise the person, from 0 to 1: Headwater's own estimate. `a|b` is
   * one signal that comes in two ways.
   */
  readonly matchWeights?: Readonly<Record<string, number>>;
}

/**
 * A complete connector of what its author says; credentials and settings are typed by their fields.
 *
 * @example
 * const mine = defineConnector({
 *   type: 'mine',
 *   eventTypes: ['lead', 'sale'],
 *   requiredSignals: [['my_click_id', 'email']],
 *   credentials: { api_key: { label: 'API key', secret: true } },
 *   build: ({ eventId, money }) => ok({ eventId, body: { id: eventId, value: majorUnits(money) } }),
 *   request: ([payload], { credentials }) => ({
 *     method: 'POST',
 *     url: 'https://ads.example/conversions',
 *     headers: { 'x-api-key': credentials.api_key },
 *     body: payload.body,
 *   }),
 *   classify: (response) => outcomeOfStatus(response),
 * });
 */
export function defineConnector<const C extends CredentialFields, const S extends SettingFields>(
  definition: ConnectorDefinition<C, S>,
): Connector {
  const { type, requiredSignals, settings } = definition;
  const clickIds = requiredSignals.flat().filter((name) => !isConversionSignal(name));
  const complete = {
    label: type,
    signals: Object.fromEntries(
      clickIds.map((name) => [name, { window: { days: 90 }, from: 'url' } as const]),
    ),
    batch: { conversionsMax: 1 },
    consent: adPlatformConsent,
    ...definition,
    settings: settings ?? {},
  };
  return complete;
}

export interface SignalRule {
  readonly window: Duration;
  /** Where a page has it. */
  readonly from: 'url' | 'cookie';
}

export type CredentialFields = Readonly<Record<string, CredentialField>>;

/** One thing that the platform gave its customer; enough to draw a form. */
export interface CredentialField {
  readonly label: string;
  /** Where to find it. */
  readonly description?: string;
  /** Encrypted, never shown again. Ids of accounts and pixels are no secrets. */
  readonly secret: boolean;
  /** @default false */
  readonly optional?: boolean;
  /** A regular expression that the whole value must match, and what to say where it does not. */
  readonly pattern?: string;
  readonly rule?: string;
}

export type SettingFields = Readonly<Record<string, SettingField>>;

export type SettingField =
  | (SettingText & {
      readonly type: 'text';
      readonly default: string;
      readonly pattern?: string;
      readonly rule?: string;
    })
  | (SettingText & { readonly type: 'boolean'; readonly default: boolean })
  | (SettingText & {
      readonly type: 'integer';
      readonly default: number;
      readonly min: number;
      readonly max: number;
    })
  | (SettingText & {
      readonly type: 'choice';
      readonly default: string;
      readonly choices: readonly string[];
    });

interface SettingText {
  readonly label: string;
  readonly description?: string;
}

export type CredentialValues<C extends CredentialFields> = {
  readonly [Name in keyof C]: C[Name] extends { readonly label: string; readonly optional?: false }
    ? string
    : string | undefined;
};

export type SettingValues<S extends SettingFields> = {
  readonly [Name in keyof S]: SettingValue<S[Name]>;
};

type SettingValue<F extends SettingField> = F extends {
  readonly choices: readonly (infer Choice)[];
}
  ? Choice
  : F extends { readonly type: 'boolean' }
    ? boolean
    : F extends { readonly type: 'integer' }
      ? number
      : string;

/** What a workspace has stored for a connector, complete and checked (`readConfiguration`). */
export interface Configuration<
  C extends CredentialFields = CredentialFields,
  S extends SettingFields = SettingFields,
> {
  readonly credentials: CredentialValues<C>;
  readonly settings: SettingValues<S>;
}

export interface ConnectorContext<
  C extends CredentialFields = CredentialFields,
  S extends SettingFields = SettingFields,
> extends Configuration<C, S> {
  /** The short-lived token of a connector with `oauth`. */
  readonly accessToken?: string;
  /** The platform shall check or show it, and count nothing. */
  readonly test: boolean;
  readonly now: Date;
}

/** One conversion in the platform's own words: plain JSON without credentials, so that it can be shown and kept. */
export interface Payload {
  /** As in the conversion; on the wire it is where the platform looks for it. */
  readonly eventId: string;
  /** Only payloads of one group share a request. @default '' */
  readonly group?: string;
  readonly body: JsonObject;
}

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Why a conversion can't be put into the platform's words, though it has what `requiredSignals` asks for. */
export interface BuildRefusal {
  readonly ok: false;
  readonly code: 'payload_invalid' | 'configuration_incomplete';
  /** Names the field and the rule. */
  readonly message: string;
}

/** Its URL and headers hold secrets: log only what `redactRequest` answers. */
export interface OutgoingRequest {
  readonly method: 'POST' | 'PUT' | 'GET';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Serialised as JSON; a string goes out as it is. */
  readonly body?: JsonObject | readonly Json[] | string;
}

export interface PlatformResponse {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the JSON said, or the text where it is none. */
  readonly body: unknown;
}

export interface DeliveryPorts {
  /** The web's; follows no redirects and gives up by itself. */
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

/** What became of one conversion. */
export type Outcome =
  | {
      readonly outcome: 'delivered';
      /** The platform had it already. */
      readonly duplicate?: true;
      /** For `followUp`: the platform has taken it, and will say later whether it counts. */
      readonly reference?: string;
      readonly warning?: string;
    }
  /** An outage: the same later. */
  | (OutcomeReason & { readonly outcome: 'retry'; readonly retryAfterSeconds?: number })
  /** Too much: the same later, and nothing else to this platform meanwhile. */
  | (OutcomeReason & { readonly outcome: 'rate_limited'; readonly retryAfterSeconds?: number })
  /** Never again. */
  | (OutcomeReason & { readonly outcome: 'rejected' })
  /** Nothing will arrive until somebody mends the credentials or the platform's configuration. */
  | (OutcomeReason & {
      readonly outcome: 'credentials';
      /** A new access token may mend it. */
      readonly expired?: true;
    })
  /** Nothing is known against it, but its request was refused as a whole: at once again, without what was wrong. */
  | { readonly outcome: 'resend' };

export interface OutcomeReason {
  /** The platform's own where it has one (`2804003`, `INVALID_GCLID`), else ours (`http_503`, `timeout`). */
  readonly code: string;
  /** For people. Never holds personal data or secrets. */
  readonly message: string;
}

export interface Batch {
  readonly conversionsMax: number;
  /** Of the whole body, in UTF-8. */
  readonly bytesMax?: number;
}

export interface Rate {
  readonly requests: number;
  readonly per: Duration;
}

export interface OAuth<C extends CredentialFields, S extends SettingFields> {
  /** `undefined`: there is a token that does not expire, and nothing to renew. */
  request(configuration: Configuration<C, S> & { readonly now: Date }): OutgoingRequest | undefined;
  read(response: PlatformResponse): TokenAnswer;
}

export type TokenAnswer =
  | {
      readonly outcome: 'token';
      readonly accessToken: string;
      readonly expiresInSeconds: number;
      /** Where the platform gives a new one with every use; the old one is void. */
      readonly refreshToken?: string;
    }
  | Extract<Outcome, { readonly outcome: 'retry' | 'rate_limited' | 'credentials' }>;

export interface FollowUp<C extends CredentialFields, S extends SettingFields> {
  /** How long after the delivery to ask first. */
  readonly after: Duration;
  request(reference: string, context: ConnectorContext<C, S>): OutgoingRequest;
  read(response: PlatformResponse): Diagnosis;
}

/** What became of a whole request; platforms give counts, not the conversions. */
export type Diagnosis =
  | { readonly diagnosis: 'processing' }
  | {
      readonly diagnosis: 'processed';
      readonly received: number;
      readonly problems: readonly { readonly code: string; readonly conversions: number }[];
    }
  | (OutcomeReason & { readonly diagnosis: 'unknown' });
