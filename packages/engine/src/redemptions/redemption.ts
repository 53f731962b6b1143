import type { StoredEntity } from '../invitations/entity.ts';

/** `reversed`: the seat was given back. `imported`: of another system, kept as history. */
export type RedemptionStatus = 'active' | 'reversed' | 'imported';

/** One seat of an invitation or of a code, taken by one entity. */
export interface Redemption {
  readonly id: string;
  readonly invitationId: string | null;
  readonly codeId: string | null;
  readonly entity: StoredEntity;
  readonly status: RedemptionStatus;
  /** Whether whoever benefits took it too. */
  readonly selfReferral: boolean;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly redeemedAt: Date;
  readonly reversedAt: Date | null;
}

/** What is redeemed. */
export type Redeemable = { readonly invitationId: string } | { readonly codeId: string };

/** Who referred whom. */
export interface Referral {
  readonly id: string;
  readonly redemptionId: string;
  readonly referrer: StoredEntity;
  readonly referee: StoredEntity;
  readonly status: 'active' | 'reversed';
  readonly createdAt: Date;
}

/** An entity with what it is compared by. */
export interface KeyedEntity {
  readonly entity: StoredEntity;
  readonly key: Uint8Array;
}

/** Whether a redemption that benefits whoever redeems is refused, or noted on it. */
export type SelfReferralRule = 'refuse' | 'flag';
