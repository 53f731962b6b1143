import { formatMoney } from 'headwater';
import type { Money } from 'headwater';

/** Amounts as people read them: `49.90 USD, 500 JPY`. */
export function formatRevenue(revenue: readonly Money[]): string {
  return revenue.map((money) => `${formatMoney(money)} ${money.currency}`).join(', ');
}
