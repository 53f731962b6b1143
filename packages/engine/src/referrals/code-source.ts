import type { Source } from '../sources/source.ts';
import type { ReferralCode } from './referral-code.ts';

/** Where somebody comes from who comes by a code. One code is one campaign. */
export function sourceOfCode({ id, code }: Pick<ReferralCode, 'id' | 'code'>): Source {
  return {
    source: 'referral_code',
    medium: 'referral',
    campaign: code,
    content: id,
    channel: 'Referral codes',
    partnerKey: code,
    confidence: 'certain',
    rule: 'referral_code',
    kind: 'campaign',
  };
}
