import type { CommissionRule } from '@headwater/client/api';

import { formatAmount, formatDecimal, minorUnitsOf, nothing } from '../format/number.ts';
import { t } from '../messages/messages.ts';

/** What a rule pays: `20 % of the sale, at most €50`. */
export function termsWords(rule: CommissionRule, currency: string): string {
  const { percent, amount_max: most, amount, unit } = rule;
  if (percent !== undefined)
    return t.programs.share(percent, most === undefined ? undefined : formatAmount(most, currency));
  return amount === undefined || unit === undefined ? nothing : formatAmount(amount, unit);
}

/** For whom, how often and how long. */
export function conditionWords(
  rule: CommissionRule,
  currency: string,
  partnerNames: ReadonlyMap<string, string>,
): string[] {
  const { group, partner_id, times_max, months, sale_min, currencies, link_ids, caps } = rule;
  const unit = rule.unit ?? currency;
  return [
    partner_id != null && t.programs.onlyPartner(partnerNames.get(partner_id) ?? partner_id),
    group != null && t.programs.onlyGroup(group),
    t.programs.times(times_max === undefined ? 1 : times_max),
    months != null && t.programs.forMonths(months),
    sale_min != null && t.programs.fromSale(formatDecimal(sale_min / minorUnitsOf(currency))),
    currencies != null && currencies.join(', '),
    link_ids != null && t.programs.onlyLinks(link_ids.length),
    caps?.per_partner?.amount !== undefined &&
      t.programs.capPartnerOf(formatAmount(caps.per_partner.amount, unit)),
    caps?.total?.amount !== undefined &&
      t.programs.capTotalOf(formatAmount(caps.total.amount, unit)),
  ].filter((words) => words !== false);
}
