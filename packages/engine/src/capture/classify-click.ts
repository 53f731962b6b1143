import { createRecentMap } from '../kernel/recent-map.ts';
import type { RedirectLink } from '../links/redirect-link.ts';
import type { ArrivalToClassify } from '../sources/arrival.ts';
import { classifySource } from '../sources/classify.ts';
import { findAppSource } from '../sources/app-source.ts';
import type { Source } from '../sources/source.ts';

/** A longer one is a place of its own, and not worth remembering. */
const rememberedReferrerLengthMax = 256;
/** Nor is a user agent that no browser has. */
const rememberedUserAgentLengthMax = 512;

/** Says where the click on a link came from. */
export type ClickClassifier = (link: RedirectLink, click: ClickToClassify) => Source;

interface ClickToClassify extends Omit<ArrivalToClassify, 'link' | 'landing'> {
  readonly hasQuery: boolean;
}

/**
 * Most clicks on a link come from few places: the source of a plain short link is worked out once for each referrer, or
 * each app where there is none. What is remembered holds for the link, the own hosts and the workspace's rules as they
 * were: a change of any of them makes new objects.
 */
export function createClickClassifier(): ClickClassifier {
  const memory = createRecentMap<Classified>(5_000);
  const apps = createRecentMap<string>(2_000);
  const appOf = (userAgent: string): string => {
    if (userAgent.length > rememberedUserAgentLengthMax)
      return findAppSource(userAgent)?.source ?? '';
    const known = apps.get(userAgent);
    if (known !== undefined) return known;
    const app = findAppSource(userAgent)?.source ?? '';
    apps.set(userAgent, app);
    return app;
  };
  return (link, click) => {
    const { referrer = '', ownHosts, rules } = click;
    if (click.hasQuery || referrer.length > rememberedReferrerLengthMax)
      return classifySource({ ...click, link, landing: false });
    const app = referrer === '' && click.userAgent !== undefined ? appOf(click.userAgent) : '';
    const place = `${link.id} ${app} ${referrer}`;
    const known = memory.get(place);
    if (known?.link === link && known.ownHosts === ownHosts && known.rules === rules)
      return known.source;
    const source = classifySource({ ...click, link, landing: false });
    // Of a referrer that nothing can be read from, the user agent decides, which is not part of the place.
    if (referrer === '' || source.referrerHost !== undefined)
      memory.set(place, { link, ownHosts, rules, source });
    return source;
  };
}

interface Classified {
  readonly link: RedirectLink;
  readonly ownHosts: ReadonlySet<string>;
  readonly rules: ArrivalToClassify['rules'];
  readonly source: Source;
}
