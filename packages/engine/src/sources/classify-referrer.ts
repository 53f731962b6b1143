import { hostOf, pathOf, schemeOf, withoutPort, withoutWww } from '../kernel/url.ts';
import type { Draft } from './draft.ts';
import { findTranslatedPage } from './translated-page.ts';
import { findKnownApp, findKnownHost, type KnownHost, type SourceCategory } from './known-host.ts';

/**
 * The source by the referrer alone: our tables, else the host itself as a referral; the own site, payment and sign-in
 * providers are `internal` (design law 6), and whatever is no web or app address counts as no referrer.
 */
export function classifyReferrer(
  referrer: string | undefined,
  isOwn: (host: string) => boolean,
): Draft {
  const translated = referrer === undefined ? undefined : findTranslatedPage(referrer);
  if (translated !== undefined) return classifyReferrer(translated, isOwn);
  const scheme = referrer === undefined ? undefined : schemeOf(referrer);
  if (referrer === undefined || scheme === undefined || !webSchemes.has(scheme)) return direct;
  const host = hostOf(referrer);
  if (host === undefined) return direct;
  const referrerHost = withoutWww(host);
  if (isOwn(host)) return internal('own_host', referrerHost);

  const hostname = withoutPort(referrerHost);
  const known =
    scheme === 'android-app' ? findKnownApp(hostname) : findKnownHost(hostname, pathOf(referrer));
  if (known?.category === 'payment' || (known === undefined && isThreeDSecure(hostname))) {
    return internal('payment_provider', referrerHost);
  }
  if (known?.category === 'sign_in') return internal('sign_in_provider', referrerHost);
  return known === undefined ? referral(referrerHost) : listed(known, referrerHost);
}

/** The medium of each kind of listed site; `organic` and `ai-assistant` are the words of GA4's channel rules. */
export const mediumByCategory = {
  search: 'organic',
  social: 'social',
  messaging: 'messaging',
  ai: 'ai-assistant',
  email: 'email',
  video: 'video',
  shopping: 'shopping',
} as const satisfies Record<SourceCategory, string>;

const webSchemes: ReadonlySet<string> = new Set(['http', 'https', 'android-app']);

const direct: Draft = {
  source: 'direct',
  medium: 'none',
  confidence: 'low',
  rule: 'direct',
  kind: 'direct',
};

function internal(rule: string, referrerHost: string): Draft {
  return { referrerHost, confidence: 'high', rule, kind: 'internal' };
}

function referral(referrerHost: string): Draft {
  return {
    source: referrerHost,
    medium: 'referral',
    category: 'unlisted',
    referrerHost,
    confidence: 'low',
    rule: 'referrer.unlisted',
    kind: 'referrer',
  };
}

function listed({ category, source }: KnownHost, referrerHost: string): Draft {
  return {
    source,
    medium: mediumByCategory[category as SourceCategory],
    category,
    referrerHost,
    confidence: 'medium',
    rule: `referrer.${category}.${source}`,
    kind: 'referrer',
  };
}

/** Banks run their 3-D Secure pages under thousands of names that have one habit: a label such as `3ds2` or `3dsecure`. */
function isThreeDSecure(hostname: string): boolean {
  return /(?:^|[.-])(?:3ds\d?|3d-?secure\d?)(?=[.-])/.test(hostname);
}
