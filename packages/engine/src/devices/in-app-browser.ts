import { inAppBrowsers } from './data/in-app-browsers.ts';
import type { InAppBrowser } from './data/in-app-browsers.ts';

/** The app in whose own browser a page was opened, by the user agent; `undefined` for browsers proper. */
export function findInAppBrowser(userAgent: string): InAppBrowser | undefined {
  // One look says of most browsers that there is nothing.
  anyOfThem ??= new RegExp(inAppBrowsers.map(({ pattern }) => pattern.source).join('|'));
  return anyOfThem.test(userAgent)
    ? inAppBrowsers.find(({ pattern }) => pattern.test(userAgent))
    : undefined;
}

// Made at the first question, so that importing the package costs nothing.
let anyOfThem: RegExp | undefined;
