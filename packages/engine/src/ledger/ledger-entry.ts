import type { StoredEntity } from '../invitations/entity.ts';
import { amountMinorMax, isCurrency } from '../kernel/money.ts';

/**
 * `earning`: what was earned. `adjustment`: a correction by hand, in either direction. `payout`: what was paid out,
 * negative. `reversal` and `payout_reversal` take an entry back, in whole or in part.
 */
export const entryKinds = [
  'earning',
  'adjustment',
  'payout',
  'reversal',
  'payout_reversal',
] as const;
export type EntryKind = (typeof entryKinds)[number];

/** What an entry is for: a reward, say. */
export interface EntryReference {
  readonly type: string;
  readonly id: string;
}

/** One line of an account. It never changes. */
export interface LedgerEntry {
  readonly id: string;
  readonly account: StoredEntity;
  /** A currency (ISO 4217), or a unit of the host's own in lower case: `credits`. */
  readonly unit: string;
  /** Minor units; what the account loses is negative. Units of one's own have no decimals. */
  readonly amountMinor: bigint;
  readonly kind: EntryKind;
  /** Until then it cannot be paid out; a reversal has the time of what it reverses. */
  readonly heldUntil: Date | null;
  /** The entry that it takes back. */
  readonly reversesId: string | null;
  readonly reference: EntryReference | null;
  readonly description: string | null;
  readonly occurredAt: Date;
  readonly recordedAt: Date;
}

/** What an account has of one unit. */
export interface AccountBalance {
  readonly unit: string;
  /** The sum of every entry: what is held and what is available. */
  readonly balanceMinor: bigint;
  readonly heldMinor: bigint;
  /** What could be paid out now. Negative where something was taken back after it was paid. */
  readonly availableMinor: bigint;
  readonly paidMinor: bigint;
}

const ownUnitPattern = /^[a-z][a-z0-9_]{0,31}$/;

export function unitProblem(unit: unknown): string | undefined {
  return typeof unit === 'string' && (isCurrency(unit) || ownUnitPattern.test(unit))
    ? undefined
    : 'must be a currency such as USD, or a unit of your own such as credits';
}

/** An amount to post is not zero; a negative one only where something may be taken. */
export function amountProblem(amount: unknown, sign: 'positive' | 'any'): string | undefined {
  if (typeof amount !== 'bigint') return 'must be a bigint of minor units';
  const size = amount < 0n ? -amount : amount;
  if (amount === 0n || size > amountMinorMax) return `must be from 1 to ${amountMinorMax}`;
  return sign === 'positive' && amount < 0n ? 'must be greater than 0' : undefined;
}

/** What takes an entry back has its sign turned; `undefined` for what takes back itself. */
export function reversalKind(kind: EntryKind): 'reversal' | 'payout_reversal' | undefined {
  switch (kind) {
    case 'earning':
    case 'adjustment':
      return 'reversal';
    case 'payout':
      return 'payout_reversal';
    case 'reversal':
    case 'payout_reversal':
      return undefined;
    default:
      return kind satisfies never;
  }
}
