import { isCurrency } from '../kernel/money.ts';
import type { PaymentFact } from './payment-provider.ts';

const namesMax = 20;
const nameLengthMax = 255;

/** What is wrong with a fact that a provider has read; a host's own one may be anything. */
export function factProblem(fact: PaymentFact): string | undefined {
  if (fact.kind === 'payment' || fact.kind === 'names')
    if (!areNames(fact.references)) return 'names_invalid';
  if ((fact.kind === 'refund' || fact.kind === 'refund_failed') && !areNames(fact.of))
    return 'names_invalid';
  if (fact.kind === 'payment' || fact.kind === 'refund' || fact.kind === 'refund_failed') {
    if (!isCurrency(fact.currency)) return 'currency_unknown';
    if (typeof fact.amountMinor !== 'string' || !/^\d{1,16}$/.test(fact.amountMinor))
      return 'amount_invalid';
  }
  if (fact.kind !== 'names' && !Number.isSafeInteger(fact.occurredAt)) return 'time_invalid';
  return undefined;
}

function areNames(names: readonly unknown[]): boolean {
  return (
    Array.isArray(names) &&
    names.length > 0 &&
    names.length <= namesMax &&
    names.every((name) => typeof name === 'string' && name !== '' && name.length <= nameLengthMax)
  );
}
