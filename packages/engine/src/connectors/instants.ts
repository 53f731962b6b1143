/** How platforms write an instant. */

export function unixSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1_000);
}

/** RFC 3339 in UTC, to the second: `2026-11-20T10:15:30Z`. */
export function rfc3339(at: Date): string {
  return at.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** `2026-11-20 10:15:30+00:00`, as the Google Ads API wants it. */
export function googleAdsTime(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', ' ') + '+00:00';
}
