/** What a touch was, for people to read. */
export interface TouchDetail {
  readonly id: string;
  readonly kind: string;
  readonly occurredAt: Date;
  readonly visitorId: string;
  readonly sessionId: string | undefined;
  readonly channel: string | undefined;
  readonly source: string | undefined;
  readonly medium: string | undefined;
  readonly campaign: string | undefined;
  readonly content: string | undefined;
  readonly term: string | undefined;
  readonly linkId: string | undefined;
  readonly url: string | undefined;
  readonly referrer: string | undefined;
  /** The rule that decided where it came from, and by which rules. */
  readonly rule: string | undefined;
  readonly rulesVersion: string | undefined;
}
