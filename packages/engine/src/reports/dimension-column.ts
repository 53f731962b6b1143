import type { VisitDimension } from './dimension.ts';

/** Where each dimension is kept: with the touch that a visit came by, or with the visit. */
export const dimensionColumns = {
  channel: ['touch', 'channel'],
  source: ['touch', 'source'],
  medium: ['touch', 'medium'],
  campaign: ['touch', 'campaign'],
  content: ['touch', 'content'],
  term: ['touch', 'term'],
  link: ['touch', 'link_id'],
  partner: ['touch', 'partner_id'],
  referrer: ['touch', 'referrer_host'],
  country: ['session', 'country_code'],
  region: ['session', 'region'],
  city: ['session', 'city'],
  language: ['session', 'language'],
  device_type: ['session', 'device_type'],
  browser: ['session', 'browser'],
  system: ['session', 'system'],
  in_app: ['session', 'in_app'],
} as const satisfies Record<VisitDimension, readonly ['session' | 'touch', string]>;
