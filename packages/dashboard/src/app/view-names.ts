/**
 * The first part of the address of each view, below the base path. The server answers the page at these addresses and at
 * no others, so that nothing else under the base path is swallowed.
 */
export const viewNames = [
  'start',
  'overview',
  'live',
  'links',
  'visitors',
  'attribution',
  'conversions',
  'funnels',
  'retention',
  'sessions',
  'events',
  'invitations',
  'codes',
  'settings',
  'sign-in',
  'setup',
  'join',
  'magic-link',
  'forgot-password',
  'reset-password',
] as const;
