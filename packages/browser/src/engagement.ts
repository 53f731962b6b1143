import type { WireEvent } from './wire-event.ts';

/** Less is added to the next report instead of becoming an event of its own. */
const reportedMillisecondsMin = 3_000;

export type Engagement = Required<Pick<WireEvent, 'engaged_ms' | 'scroll_depth'>>;

/**
 * Measures how long a page was visible with the focus, and how far down it was seen, in percent of its height. `take`
 * answers what is worth a report, and begins anew.
 */
export function watchEngagement(): { take(isNewPage: boolean): Engagement | undefined } {
  let since: number | undefined;
  let engaged = 0;
  let depth = 0;

  function look(): void {
    const now = performance.now();
    if (since !== undefined) engaged += now - since;
    since = document.visibilityState === 'visible' && document.hasFocus() ? now : undefined;
  }

  function scroll(): void {
    const seen = (scrollY + innerHeight) / (document.documentElement.scrollHeight || 1);
    depth = Math.max(depth, Math.min(100, Math.round(100 * seen)));
  }

  for (const event of ['focus', 'blur', 'pageshow']) addEventListener(event, look);
  document.addEventListener('visibilitychange', look);
  addEventListener('scroll', scroll, { passive: true });
  look();

  return {
    take(isNewPage) {
      look();
      scroll();
      const report =
        engaged >= reportedMillisecondsMin
          ? { engaged_ms: Math.round(engaged), scroll_depth: depth }
          : undefined;
      if (report !== undefined || isNewPage) engaged = 0;
      if (isNewPage) depth = 0;
      return report;
    },
  };
}
