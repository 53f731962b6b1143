/** Where an arrival came from. Absent fields are not known. */
export interface Source {
  readonly source?: string;
  readonly medium?: string;
  readonly campaign?: string;
  readonly content?: string;
  readonly term?: string;
  /** The group of sources that it belongs to: GA4's default ones (`data/channels.ts`), or what a workspace's rule names. */
  readonly channel?: string;
  /** The advertising click id that decided, by parameter name (`gclid`), and its platform (`google_ads`). */
  readonly clickIdType?: string;
  readonly platform?: string;
  readonly referrerHost?: string;
  /** The value of `via` or `ref`: a partner key or a referral code. */
  readonly partnerKey?: string;
  readonly confidence: 'certain' | 'high' | 'medium' | 'low';
  /** The rule that decided, for `explain`. */
  readonly rule: string;
  /** The rules by which it was decided: `data/version.ts`, and a digest of the workspace's own. */
  readonly rulesVersion?: string;
  /**
   * What kind of arrival it is. `campaign` (link, click id, UTM, partner) opens a new visit even inside one;
   * `referrer` and `direct` are touches only at the start of a visit; `internal` (own site, payment and sign-in
   * providers) is never a touch.
   */
  readonly kind: 'campaign' | 'referrer' | 'direct' | 'internal';
}

/** A source as classification gives it: whatever the arrival, it has a channel. */
export type ClassifiedSource = Source & Required<Pick<Source, 'channel' | 'rulesVersion'>>;
