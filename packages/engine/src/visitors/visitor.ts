import type { Money } from '../kernel/money.ts';

/** In the order in which a visitor moves on, never backwards. */
export const visitorStatuses = ['anonymous', 'identified', 'lead', 'customer'] as const;
export type VisitorStatus = (typeof visitorStatuses)[number];

/** One person as far as we know: every visitor that points at one root. */
export interface Visitor {
  /** The root. Ids of visitors that were merged into it find the same person. */
  readonly id: string;
  readonly workspaceId: string;
  readonly status: VisitorStatus;
  readonly externalId: string | undefined;
  readonly email: string | undefined;
  readonly phone: string | undefined;
  readonly name: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The ids that were merged into this one. */
  readonly mergedIds: readonly string[];
  /** Of the latest visit that says it. */
  readonly device: DeviceView | undefined;
  readonly place: PlaceView | undefined;
  readonly firstSource: SourceView | undefined;
  readonly lastSource: SourceView | undefined;
  readonly firstClickId: string | undefined;
  readonly lastClickId: string | undefined;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  readonly identifiedAt: Date | undefined;
  readonly convertedAt: Date | undefined;
  readonly events: number;
  readonly pageviews: number;
  readonly sessions: number;
  /** Lifetime value: sales less refunds, one sum for each currency. */
  readonly lifetimeValue: readonly Money[];
}

export interface DeviceView {
  readonly deviceType: string;
  readonly browser: string | undefined;
  readonly system: string | undefined;
  readonly inApp: string | undefined;
  /** Which the browser asks for first: `de`. */
  readonly language: string | undefined;
}

export interface PlaceView {
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string;
  readonly region: string | undefined;
  readonly city: string | undefined;
}

/** Where one touch came from. */
export interface SourceView {
  readonly source: string | undefined;
  readonly medium: string | undefined;
  readonly campaign: string | undefined;
  readonly content: string | undefined;
  readonly term: string | undefined;
  readonly platform: string | undefined;
  readonly clickIdType: string | undefined;
  readonly referrerHost: string | undefined;
  readonly confidence: string | undefined;
  readonly rule: string | undefined;
  readonly channel: string | undefined;
}

/** One step of the way that a person came. */
export interface PathTouch extends SourceView {
  readonly id: string;
  readonly kind: string;
  readonly occurredAt: Date;
  readonly visitorId: string;
  readonly sessionId: string | undefined;
  readonly linkId: string | undefined;
  readonly url: string | undefined;
  readonly referrer: string | undefined;
  readonly signals: Readonly<Record<string, string>>;
  /** What was agreed to by then, by purpose; `undefined` where nobody was asked. */
  readonly consent: Readonly<Record<string, unknown>> | undefined;
}

export interface TimelineEvent {
  readonly id: string;
  readonly type: string;
  readonly name: string | undefined;
  readonly occurredAt: Date;
  readonly recordedAt: Date;
  /** The visitor that the event was stamped with. */
  readonly visitorId: string;
  readonly sessionId: string | undefined;
  readonly touchId: string | undefined;
  readonly linkId: string | undefined;
  readonly url: string | undefined;
  readonly referrer: string | undefined;
  readonly amountMinor: bigint | undefined;
  readonly currency: string | undefined;
  readonly origin: string;
  readonly properties: Readonly<Record<string, unknown>>;
}
