import type { SelfReferralRule } from '../redemptions/redemption.ts';

/** How referral codes work in a workspace. */
export interface ReferralSettings {
  /** Whether codes can be redeemed. @default true */
  readonly enabled?: boolean | undefined;
  /** Whether a sign-up needs a code, and the gate (`hw.gate`) is shut. @default false */
  readonly required?: boolean | undefined;
  /** Whether the gate lets in the accounts that were there when it was shut. @default true */
  readonly grandfather?: boolean | undefined;
  /** The most uses that a code may be given. @default 100 */
  readonly usesMaxPerCode?: number | undefined;
  /** How many codes one user may have, whatever their state. @default 10 */
  readonly codesMaxPerUser?: number | undefined;
  /** What happens when who benefits redeems. @default 'refuse' */
  readonly selfReferral?: SelfReferralRule | undefined;
}

const defaults = {
  enabled: true,
  required: false,
  grandfather: true,
  usesMaxPerCode: 100,
  codesMaxPerUser: 10,
  selfReferral: 'refuse',
} as const satisfies Required<ReferralSettings>;

/** The settings with their defaults. */
export function referralSettings(workspace: {
  readonly settings: { readonly referrals?: ReferralSettings };
}): { readonly [Key in keyof ReferralSettings]-?: NonNullable<ReferralSettings[Key]> } {
  const { referrals = {} } = workspace.settings;
  return {
    enabled: referrals.enabled ?? defaults.enabled,
    required: referrals.required ?? defaults.required,
    grandfather: referrals.grandfather ?? defaults.grandfather,
    usesMaxPerCode: referrals.usesMaxPerCode ?? defaults.usesMaxPerCode,
    codesMaxPerUser: referrals.codesMaxPerUser ?? defaults.codesMaxPerUser,
    selfReferral: referrals.selfReferral ?? defaults.selfReferral,
  };
}
