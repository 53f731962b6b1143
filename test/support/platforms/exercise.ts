/** What the tests of the platform modules share: the customers of the worked requests, and the way from one to a request. */
import { builtInConnectors } from '../../../packages/engine/src/connectors/built-in-connectors.ts';
import type {
  Connector,
  ConnectorContext,
  Outcome,
  OutgoingRequest,
  PlatformResponse,
} from '../../../packages/engine/src/connectors/connector.ts';
import { deliverConversions } from '../../../packages/engine/src/connectors/deliver-conversions.ts';
import type { FinalOutcome } from '../../../packages/engine/src/connectors/deliver-conversions.ts';
import type {
  ConversionPerson,
  OutgoingConversion,
} from '../../../packages/engine/src/connectors/outgoing-conversion.ts';
import { readConfiguration } from '../../../packages/engine/src/connectors/read-configuration.ts';
import { orThrow } from '../../../packages/engine/src/kernel/result.ts';
import { goodCredentials, startAllPlatforms } from './platforms.ts';
import type { Platforms, Scripted } from './stand-in.ts';

/** 1795169730 */
export const occurredAt = new Date('2026-11-20T10:15:30Z');
/** 1794992400000 */
export const clickedAt = new Date('2026-11-18T09:00:00Z');
export const sentAt = new Date('2026-11-20T10:16:00Z');

export const safari =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

export const mary: ConversionPerson = {
  email: ' Jane.Doe+promo@Gmail.com ',
  phone: '+1 (650) 555-1212',
  firstName: 'Mary',
  lastName: "O'Neil-Smith",
  city: 'Menlo Park',
  state: 'California',
  postalCode: '94025-1234',
  countryCode: 'US',
  externalId: 'cust_42',
};

export const usd = (amountMinor: bigint) => ({ amountMinor, currency: 'USD' });

/** A sale of 49.99 USD of nobody in particular. */
export function conversionOf(
  fields: Partial<Omit<OutgoingConversion, 'signals'>> & {
    readonly signals?: Readonly<Record<string, string>>;
  } = {},
): OutgoingConversion {
  const { signals = {}, ...others } = fields;
  return {
    eventId: 'evt_1',
    type: 'sale',
    occurredAt,
    money: usd(4_999n),
    person: {},
    device: {},
    page: {},
    consent: {},
    ...others,
    signals: Object.fromEntries(
      Object.entries(signals).map(([name, value]) => [name, { value, seenAt: clickedAt }]),
    ),
  };
}

export interface ExerciseOptions {
  readonly credentials?: Readonly<Record<string, string | undefined>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly test?: boolean;
}

export function connectorOf(type: string): Connector {
  const connector = builtInConnectors.find((each) => each.type === type);
  if (connector === undefined) throw new Error(`There is no connector "${type}".`);
  return connector;
}

export function contextOf(type: string, options: ExerciseOptions = {}): ConnectorContext {
  const stored = {
    credentials: { ...goodCredentials[type], ...options.credentials },
    settings: options.settings ?? {},
  };
  const configuration = orThrow(readConfiguration(connectorOf(type), stored));
  return { ...configuration, test: options.test ?? false, now: sentAt };
}

/** The one request that these conversions make. */
export function requestOf(
  type: string,
  conversions: readonly OutgoingConversion[],
  options: ExerciseOptions = {},
): OutgoingRequest {
  const connector = connectorOf(type);
  const context = contextOf(type, options);
  const payloads = conversions.map((conversion) => orThrow(connector.build(conversion, context)));
  return connector.request!(payloads, context);
}

/** What the connector makes of an answer to a request with so many conversions. */
export function classified(
  type: string,
  response: Partial<PlatformResponse>,
  count = 1,
  options: ExerciseOptions = {},
): readonly Outcome[] {
  const connector = connectorOf(type);
  const context = contextOf(type, options);
  const payload = orThrow(
    connector.build(
      conversionOf({ person: mary, page: { url: 'https://a.example/' }, signals: someSignals }),
      context,
    ),
  );
  const payloads = Array.from({ length: count }, () => payload);
  const outcome = connector.classify({ status: 200, headers: {}, body: '', ...response }, payloads);
  return Array.isArray(outcome)
    ? (outcome as readonly Outcome[])
    : payloads.map(() => outcome as Outcome);
}

const someSignals = { _ga: 'GA1.1.1111111111.1794992400', msclkid: 'click' };

/** Sends conversions to the stand-ins, and answers what became of each. */
export async function deliver(
  platforms: Platforms,
  type: string,
  conversions: readonly OutgoingConversion[],
  options: ExerciseOptions & { readonly timeoutMilliseconds?: number } = {},
): Promise<readonly FinalOutcome[]> {
  const { timeoutMilliseconds = 5_000 } = options;
  const results = await deliverConversions(
    connectorOf(type),
    conversions,
    contextOf(type, options),
    { fetch: platforms.fetch, timeoutMilliseconds },
  );
  return results.map(({ outcome }) => outcome);
}

/** All stand-ins, at the time of the worked requests. */
export async function startWorkedPlatforms(): Promise<Platforms> {
  return await startAllPlatforms({ now: () => sentAt.getTime() });
}

export type { Scripted };
