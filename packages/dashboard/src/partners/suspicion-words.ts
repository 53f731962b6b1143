import type { Commission } from '@headwater/client/api';

import { formatDuration, formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';

type Suspicion = Commission['flags'][number];

/** What was found, in a sentence; `names` are those of partners. */
export function suspicionWords(
  { kind, evidence }: Suspicion,
  names: ReadonlyMap<string, string>,
): string {
  const texts = (value: unknown): string[] =>
    (Array.isArray(value) ? (value as unknown[]) : [value]).filter(
      (part): part is string => typeof part === 'string',
    );
  const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
  switch (kind) {
    case 'self_referral':
      return t.review.evidence.self_referral(
        texts(evidence['same'])
          .map((same) => t.review.same[same] ?? same)
          .join(', '),
      );
    case 'paid_ad':
      return t.review.evidence.paid_ad(
        [evidence['click_id'], evidence['medium'], evidence['campaign']].flatMap(texts).join(', '),
      );
    case 'click_flood':
      return t.review.evidence.click_flood(
        formatNumber(count(evidence['clicks'])),
        formatNumber(count(evidence['people'])),
      );
    case 'coupon_hijack':
      return t.review.evidence.coupon_hijack(formatDuration(count(evidence['seconds_before'])));
    case 'ring':
      return t.review.evidence.ring(
        texts(evidence['partner_ids'])
          .map((id) => names.get(id) ?? id.slice(-6))
          .join(' → '),
      );
  }
}

/** The partners whom the evidence names. */
export function partnersOf({ flags, partner_id }: Commission): string[] {
  const named = flags.flatMap(({ evidence }) => evidence['partner_ids']).flat();
  return [partner_id, ...named.filter((id): id is string => typeof id === 'string')];
}
