/** Where messages of one account at a payment provider arrive. */
export interface PaymentSource {
  readonly workspaceId: string;
  readonly id: string;
  /** The type of its provider: `stripe`. */
  readonly provider: string;
  readonly name: string;
  /** Messages of the other mode are noted and change nothing. */
  readonly mode: 'live' | 'test';
  /**
   * Whether what the payer's own browser can say of who pays is believed: on Stripe `client_reference_id`, which a payment
   * link takes from its address.
   */
  readonly payerReference: 'trusted' | 'ignored';
  /** Below the base path: what the provider is told. */
  readonly path: string;
  readonly archivedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface StoredPaymentSource extends PaymentSource {
  readonly secrets: Uint8Array;
}

/** A message as the log shows it. */
export interface ReceivedPayment {
  readonly id: string;
  readonly type: string;
  readonly status: 'waiting' | 'applied' | 'ignored' | 'failed';
  readonly reason: string | null;
  readonly visitorId: string | null;
  readonly attempts: number;
  readonly receivedAt: Date;
}

export const sourceNameLengthMax = 100;

export function pathOfSource(workspaceId: string, id: string): string {
  return `/payments/${workspaceId}/${id}`;
}
