import type { Context } from '../context.ts';
import {
  findPayments,
  insertNames,
  lockNames,
  moveNames,
  nameBuyer,
} from './payment-names-store.ts';
import type { KnownPayment, SourceKey } from './payment-names-store.ts';

/** What is known of a payment after names of it were told. */
export interface NamedPayment {
  readonly payment: KnownPayment;
  /** Sales that turned out to be the same payment. */
  readonly repeated: readonly KnownPayment[];
}

/**
 * Says that names stand for one payment. Where they stood for several, those are one from now on: the one whose sale is
 * recorded, and the sales of the others are to be taken back.
 *
 * @param key of a payment that nobody has named yet
 */
export async function namePayment(
  { database, clock }: Pick<Context, 'database' | 'clock'>,
  source: SourceKey,
  names: readonly string[],
  key: string,
): Promise<NamedPayment> {
  return database.db.transaction().execute(async (tx) => {
    await lockNames(tx, source);
    const [first, ...others] = await findPayments(tx, source, names);
    const payment = first ?? { key, visitorId: undefined };
    const keys = others.map((other) => other.key).filter((other) => other !== payment.key);
    await moveNames(tx, source, keys, payment);
    await insertNames(tx, source, names, { ...payment, now: new Date(clock.now()) });
    return { payment, repeated: others.filter((other) => other.visitorId !== undefined) };
  });
}

/**
 * Notes that the sale of a payment is recorded. What it is called by then may belong to another one: `repeated` is the own
 * sale in that case.
 */
export async function noteSale(
  { database }: Pick<Context, 'database'>,
  source: SourceKey,
  names: readonly string[],
  sold: KnownPayment,
): Promise<{ readonly repeated: KnownPayment | undefined }> {
  return database.db.transaction().execute(async (tx) => {
    await lockNames(tx, source);
    const [latest = sold] = await findPayments(tx, source, names);
    if (latest.key !== sold.key) return { repeated: sold };
    await nameBuyer(tx, source, sold);
    return { repeated: undefined };
  });
}
