import { formatMoney } from '../kernel/money.ts';
import type { Money } from '../kernel/money.ts';

/** What no platform takes is minor units: 4999 USD are 49.99, 5000 JPY are 5000. Exact up to 2^53 minor units. */
export function majorUnits(money: Money): number {
  return Number(formatMoney(money));
}

/** The amount of one piece, in the currency of the conversion it belongs to. */
export function pieceUnits(
  priceMinor: bigint | undefined,
  money: Money | undefined,
): number | undefined {
  if (priceMinor === undefined || money === undefined) return undefined;
  return majorUnits({ amountMinor: priceMinor, currency: money.currency });
}

/** The same as decimal text with all decimals of the currency: `"49.90"`. */
export function pieceDecimal(
  priceMinor: bigint | undefined,
  money: Money | undefined,
): string | undefined {
  if (priceMinor === undefined || money === undefined) return undefined;
  return formatMoney({ amountMinor: priceMinor, currency: money.currency });
}
