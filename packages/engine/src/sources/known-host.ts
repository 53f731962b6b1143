import { aiAssistants } from './data/ai-assistants.ts';
import { paymentProviders, signInProviders } from './data/payment-and-sign-in.ts';
import { searchEngines } from './data/search-engines.ts';
import { messengers, socialNetworks } from './data/social-networks.ts';
import { shoppingSites, videoSites } from './data/video-and-shopping.ts';
import { webmail } from './data/webmail.ts';
import { acrossCountries } from './registrable-domain.ts';

export type HostCategory =
  | 'search'
  | 'social'
  | 'messaging'
  | 'ai'
  | 'email'
  | 'video'
  | 'shopping'
  | 'payment'
  | 'sign_in';

/** The categories that people come from; the others are never a source. */
export type SourceCategory = Exclude<HostCategory, 'payment' | 'sign_in'>;

/** What our tables know of a host. */
export interface KnownHost {
  readonly category: HostCategory;
  readonly source: string;
}

/**
 * Our tables by category: names of sources, and the patterns of their hosts.
 * @public
 */
export const knownHosts: Readonly<
  Record<HostCategory, Readonly<Record<string, readonly string[]>>>
> = {
  search: searchEngines,
  social: socialNetworks,
  messaging: messengers,
  ai: aiAssistants,
  email: webmail,
  video: videoSites,
  shopping: shoppingSites,
  payment: paymentProviders,
  sign_in: signInProviders,
};

/**
 * Finds a host in our tables. The most specific entry wins: a path below the host, the host itself, the nearest domain
 * above it, and then the same across country domains. `www.` is gone from the name by then.
 */
export function findKnownHost(hostname: string, path = ''): KnownHost | undefined {
  index ??= compile();
  for (const rule of index.byPath.get(hostname) ?? []) {
    if (path.startsWith(rule.prefix)) return rule.known;
  }
  const named = findByName(index, hostname);
  if (named !== undefined) return named;
  const starred = acrossCountries(hostname);
  return starred === undefined ? undefined : findByName(index, starred);
}

/** Finds an Android app by its package name, as `android-app://` referrers carry it. */
export function findKnownApp(packageName: string): KnownHost | undefined {
  index ??= compile();
  return index.exact.get(`${appPrefix}${packageName}`);
}

interface Index {
  readonly exact: Map<string, KnownHost>;
  readonly subtree: Map<string, KnownHost>;
  readonly byPath: Map<string, Array<{ readonly prefix: string; readonly known: KnownHost }>>;
}

const appPrefix = 'android-app:';

// Made at the first question, so that importing the package costs nothing.
let index: Index | undefined;

function compile(): Index {
  const compiled: Index = { exact: new Map(), subtree: new Map(), byPath: new Map() };
  for (const category of Object.keys(knownHosts) as HostCategory[]) {
    for (const [source, patterns] of Object.entries(knownHosts[category])) {
      const known: KnownHost = { category, source };
      for (const pattern of patterns) addPattern(compiled, pattern, known);
    }
  }
  return compiled;
}

function addPattern({ exact, subtree, byPath }: Index, pattern: string, known: KnownHost): void {
  const slash = pattern.indexOf('/');
  if (slash !== -1) {
    const hostname = pattern.slice(0, slash);
    const rules = byPath.get(hostname) ?? [];
    rules.push({ prefix: pattern.slice(slash), known });
    byPath.set(hostname, rules);
  } else if (pattern.startsWith('*.')) {
    subtree.set(pattern.slice(2), known);
  } else {
    exact.set(pattern, known);
  }
}

function findByName({ exact, subtree }: Index, name: string): KnownHost | undefined {
  const found = exact.get(name);
  if (found !== undefined) return found;
  for (let start = 0; ;) {
    const known = subtree.get(start === 0 ? name : name.slice(start));
    if (known !== undefined) return known;
    const next = name.indexOf('.', start);
    if (next === -1) return undefined;
    start = next + 1;
  }
}
