/** An arrival, as far as a model looks at it. */
export interface Touch {
  readonly id: string;
  /** Milliseconds since the Unix epoch. */
  readonly occurredAt: number;
  /** What credit is grouped by: a channel, a source, a campaign, a link. The caller chooses. */
  readonly channel: string;
  readonly kind: TouchKind;
  readonly paid: boolean;
}

/** `direct` came from nowhere that is known; `view` saw something of ours and did not follow it. */
export type TouchKind =
  | 'click'
  | 'campaign'
  | 'referrer'
  | 'direct'
  | 'invitation'
  | 'referral'
  | 'view';

/** What credit is given for. */
export interface Conversion {
  /** Milliseconds since the Unix epoch. */
  readonly occurredAt: number;
  /** Minor units of one currency; negative takes credit back, as a refund does. */
  readonly amountMinor: bigint;
  /** When the person became a lead, for the models that credit this milestone. Milliseconds. */
  readonly leadAt?: number | undefined;
}

/** How somebody came to convert. */
export interface Path {
  /** Those that may earn credit, oldest first: what `eligibleTouches` answers. */
  readonly touches: readonly Touch[];
  readonly conversion: Conversion;
}

/** The people who came the same way, counted together. */
export interface GroupedPath {
  /** Oldest first; the same channel may come again. */
  readonly channels: readonly string[];
  readonly conversions: number;
  /** How many came this way and did not convert. */
  readonly nulls: number;
  /** The value of the conversions, in minor units of one currency. */
  readonly valueMinor: bigint;
}
