import { inAppBrowsers } from './data/in-app-browsers.ts';
import { knownHosts, type SourceCategory } from './known-host.ts';

export interface InAppBrowser {
  readonly source: string;
  readonly category: SourceCategory;
  /** What gives it away. */
  readonly token: string;
}

/** User agents are cut to this when they are stored; what comes later is not looked at either. */
const lengthMax = 512;

/** The app in whose own browser a page was opened, by the user agent; `undefined` for browsers proper. */
export function findInAppBrowser(userAgent: string | undefined): InAppBrowser | undefined {
  if (userAgent === undefined) return undefined;
  index ??= compile();
  const text = userAgent.length > lengthMax ? userAgent.slice(0, lengthMax) : userAgent;
  // One look says of most browsers that there is nothing.
  if (!index.anyToken.test(text)) return undefined;
  return index.apps.find(({ token }) => text.includes(token));
}

interface Index {
  readonly anyToken: RegExp;
  readonly apps: readonly InAppBrowser[];
}

// Made at the first question, so that importing the package costs nothing.
let index: Index | undefined;

function compile(): Index {
  const apps = inAppBrowsers.map(([token, source]) => ({
    token,
    source,
    category: categoryOf(source),
  }));
  return { apps, anyToken: new RegExp(apps.map(({ token }) => escaped(token)).join('|')) };
}

function categoryOf(source: string): SourceCategory {
  const categories = ['social', 'messaging', 'search', 'video'] as const;
  return categories.find((category) => Object.hasOwn(knownHosts[category], source)) ?? 'social';
}

function escaped(token: string): string {
  return token.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
