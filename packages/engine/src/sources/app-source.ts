import { findInAppBrowser } from '../devices/in-app-browser.ts';
import { knownHosts } from './known-host.ts';
import type { SourceCategory } from './known-host.ts';

/** An app as a source of arrivals. */
export interface AppSource {
  readonly source: string;
  readonly category: SourceCategory;
  /** What gives it away. */
  readonly token: string;
}

/** User agents are cut to this when they are stored; what comes later is not looked at either. */
const lengthMax = 512;

/** The app that somebody came from, by the user agent; `undefined` for browsers proper, and apps that are no source. */
export function findAppSource(userAgent: string | undefined): AppSource | undefined {
  if (userAgent === undefined) return undefined;
  const text = userAgent.length > lengthMax ? userAgent.slice(0, lengthMax) : userAgent;
  const app = findInAppBrowser(text);
  if (app?.source === undefined) return undefined;
  const { source, pattern } = app;
  return { source, category: categoryOf(source), token: pattern.exec(text)?.[0] ?? app.name };
}

function categoryOf(source: string): SourceCategory {
  const categories = ['social', 'messaging', 'search', 'video', 'email'] as const;
  return categories.find((category) => Object.hasOwn(knownHosts[category], source)) ?? 'social';
}
