/** `pending`: taken from the balance, and not paid yet. `failed`: back on the balance. */
export const payoutStatuses = ['pending', 'paid', 'failed'] as const;
export type PayoutStatus = (typeof payoutStatuses)[number];

/** What one partner is paid of one currency. */
export interface Payout {
  readonly id: string;
  readonly batchId: string;
  readonly partnerId: string;
  /** ISO 4217. */
  readonly unit: string;
  /** Minor units, more than 0. */
  readonly amountMinor: bigint;
  readonly status: PayoutStatus;
  /** The entry of the ledger that takes it from the balance. */
  readonly entryId: string;
  /** What whoever moved the money calls it. */
  readonly reference: string | null;
  readonly createdAt: Date;
  /** When it was marked as paid or failed. */
  readonly settledAt: Date | null;
}

/** Payouts that were made together. */
export interface PayoutBatch {
  readonly id: string;
  readonly note: string | null;
  readonly createdAt: Date;
  readonly payouts: readonly Payout[];
}
