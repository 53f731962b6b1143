import type { Duration } from '../kernel/clock.ts';
import type { Money } from '../kernel/money.ts';
import type { AdConsent } from './ad-consent.ts';
import type { Connector } from './connector.ts';

export interface ConnectorOptions {
  /** Connectors of your own, beside those that come with Headwater. @see docs/connectors.md */
  readonly own?: readonly Connector[];
  /** Off, nothing is sent, by whatever workspace; conversions are planned and wait. @default true */
  readonly enabled?: boolean;
  /** Asked before each conversion is sent, also where it was planned before. */
  readonly policy?: DispatchPolicy;
  /** What holds for a purpose that nobody was asked about. @default 'granted' */
  readonly unaskedConsent?: 'granted' | 'denied';
  /** For how long an outage of a platform is sat out before a conversion counts as failed. @default { days: 3 } */
  readonly retryFor?: Duration;
  /** How long a platform has for its answer. @default { seconds: 30 } */
  readonly timeout?: Duration;
  /**
   * Lets requests go to loopback and private networks: for tests, and for connectors inside one's own network.
   * @default false
   */
  readonly allowPrivateNetworks?: boolean;
  /** Sends the requests instead of Headwater's own, which guards private networks: through a proxy, or in tests. */
  readonly fetch?: typeof fetch;
}

/** Whether one conversion may go to one platform. What it throws is tried again later. */
export type DispatchPolicy = (
  question: DispatchQuestion,
) => DispatchVerdict | Promise<DispatchVerdict>;

export interface DispatchQuestion {
  readonly workspaceId: string;
  readonly connector: string;
  readonly event: {
    readonly id: string;
    readonly type: string;
    readonly name: string | undefined;
    readonly occurredAt: Date;
    readonly money: Money | undefined;
  };
  /** Click ids and cookies by name. */
  readonly signals: Readonly<Record<string, string>>;
  readonly consent: AdConsent;
}

export type DispatchVerdict = 'allow' | { readonly reject: string };
