/** Channels that only money brings, whatever the medium says (GA4's default channel group). */
const paidChannels: ReadonlySet<string> = new Set([
  'Paid Shopping',
  'Paid Search',
  'Paid Social',
  'Paid Video',
  'Paid Other',
  'Display',
  'Cross-network',
]);

/** GA4's test of a paid medium, `^(.*cp.*|ppc|retargeting|paid.*)$`: https://support.google.com/analytics/answer/9756891 */
const paidMedium = /cp|^(?:ppc$|retargeting$|paid)/;

/** Whether somebody was paid for a touch. */
export function isPaid(channel: string | null, medium: string | null): boolean {
  if (channel !== null && paidChannels.has(channel)) return true;
  return medium !== null && paidMedium.test(medium.toLowerCase());
}
