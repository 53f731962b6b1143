import type { Identifier } from '../ingest/event.ts';

/** How messages of one payment provider are checked and read: plain functions, without a database. */
export interface PaymentProvider {
  /** `[a-z][a-z0-9_]*`, unique among the providers. */
  readonly type: string;
  readonly label: string;
  /**
   * Whether one of the secrets has signed the message, and lately.
   * @param now milliseconds since the epoch
   */
  isSigned(message: SignedMessage, secrets: readonly string[], now: number): boolean;
  /** What the message says; `undefined` where it is none of this provider. */
  read(body: unknown): PaymentMessage | undefined;
}

export interface SignedMessage {
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** To the byte. */
  readonly text: string;
}

export interface PaymentMessage {
  readonly id: string;
  readonly type: string;
  readonly mode: 'live' | 'test';
  /** Nothing where the type is none that matters. */
  readonly fact: PaymentFact | undefined;
  /** Why a type that matters has none: `currency_unknown`. */
  readonly problem?: string;
}

/** A time in milliseconds since the epoch, an amount in minor units as a decimal string: facts are stored as JSON. */
interface Dated {
  readonly occurredAt: number;
}

interface Amount {
  readonly amountMinor: string;
  /** ISO 4217. */
  readonly currency: string;
}

/** Whom a message names. */
export interface NamedPayer {
  readonly externalId?: string;
  readonly visitorId?: string;
  /** An `hw_click`. */
  readonly clickId?: string;
}

/** Who has paid, as far as the message says: what the host's server has told the provider. */
export interface Payer extends NamedPayer {
  readonly email?: string;
  /** What the payer's own browser can have told: believed where the payment source says so. */
  readonly claimed?: NamedPayer;
  readonly identifiers: readonly Identifier[];
}

export type PaymentFact =
  /** Money has come in. `references`: the provider's names of it; any of them makes two messages one payment. */
  | (Dated &
      Amount & {
        readonly kind: 'payment';
        readonly references: readonly string[];
        readonly payer: Payer;
        readonly properties: Readonly<Record<string, string>>;
        /** Of most such payments another message tells more: it is a sale by itself where none has for an hour. */
        readonly isLastResort?: true;
      })
  /** A part or all of it has gone back. */
  | (Dated &
      Amount & {
        readonly kind: 'refund';
        readonly id: string;
        readonly of: readonly string[];
        readonly reason: 'refund' | 'dispute';
      })
  /** What a refund has taken back has come in again, because it could not be paid out. */
  | (Dated &
      Amount & {
        readonly kind: 'refund_failed';
        readonly id: string;
        readonly of: readonly string[];
        readonly properties: Readonly<Record<string, string>>;
      })
  /** Names of the same payment. */
  | { readonly kind: 'names'; readonly references: readonly string[] }
  /** Nothing more will come in for a subscription. */
  | (Dated & {
      readonly kind: 'subscription_ended';
      readonly id: string;
      readonly payer: Payer;
      readonly properties: Readonly<Record<string, string>>;
    });
