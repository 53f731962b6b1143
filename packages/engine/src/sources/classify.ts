import { hostOf, normaliseHost, withoutWww } from '../kernel/url.ts';
import { readArrivalParameters, type ArrivalParameters } from './arrival-parameters.ts';
import { classifyReferrer, mediumByCategory } from './classify-referrer.ts';
import type { ClickIdParameter } from './click-ids.ts';
import { aiSourceNames } from './data/ai-assistants.ts';
import { findKnownHost } from './known-host.ts';
import { isOwnHost } from './own-host.ts';
import type { Source } from './source.ts';
import { cleanUtm, isEmptyUtm, isPaidMedium, type Utm } from './utm.ts';

/** What is known of a link of ours that was clicked. */
export interface ClickedLink {
  readonly utmSource?: string | undefined;
  readonly utmMedium?: string | undefined;
  readonly utmCampaign?: string | undefined;
  readonly utmContent?: string | undefined;
  readonly utmTerm?: string | undefined;
  readonly linkType?: string | undefined;
}

export interface ArrivalToClassify {
  /** The address that was asked for, absolute or a path with its query. */
  readonly url?: string | undefined;
  readonly referrer?: string | undefined;
  readonly link?: ClickedLink | undefined;
  /** The hosts of the site, normalised. */
  readonly ownHosts: ReadonlySet<string>;
  /** `url` is a page of the site, so its host is one of the site's; not so for a click on a short link's host. */
  readonly landing: boolean;
}

/**
 * Says where an arrival came from. From strong to weak: own link, paid click id, UTM, unpaid click id, partner
 * parameter, referrer, direct. A stronger signal decides source and medium together; what a weaker one knows besides
 * (campaign, click id and platform, partner key, referrer host) stays beside it.
 */
export function classifySource(arrival: ArrivalToClassify): Source {
  const landingHost =
    arrival.landing && arrival.url !== undefined ? hostOf(arrival.url) : undefined;
  let draft: Draft = classifyReferrer(arrival.referrer, (host) =>
    isOwnHost(host, arrival.ownHosts, landingHost),
  );
  const found = readArrivalParameters(arrival.url ?? '');

  if (found.partner !== undefined) draft = withPartner(draft, found.partner);
  if (found.clickId?.paid === false) draft = withUnpaidClickId(draft, found.clickId);
  if (!isEmptyUtm(found.utm)) draft = withUtm(draft, found.utm);
  if (found.clickId?.paid === true) draft = withPaidClickId(draft, found.clickId, found.utm);
  if (arrival.link !== undefined) draft = withLink(draft, arrival.link);
  return finish(draft);
}

/** A source in the making: what is not known may be written as `undefined`. */
type Draft = Pick<Source, 'confidence' | 'rule' | 'kind'> & {
  readonly [Field in keyof Source]?: Source[Field] | undefined;
};

function finish(draft: Draft): Source {
  const source: Record<string, string> = {};
  for (const [field, value] of Object.entries(draft)) {
    if (value !== undefined) source[field] = value;
  }
  return source as unknown as Source;
}

/** What stays of a weaker signal: "direct" is the absence of knowledge, and must not look like a source. */
function beneath(weaker: Draft): Draft {
  return weaker.kind === 'direct' ? { ...weaker, source: undefined, medium: undefined } : weaker;
}

/**
 * A move inside the own site stays one when the page before handed on `via`, `fbclid` or a campaign's name: only a
 * signal that names a source by itself makes it an arrival.
 */
function staysInside(weaker: Draft): boolean {
  return weaker.kind === 'internal';
}

/** A partner parameter names who sent the person, not where: the referrer still says that. */
function withPartner(weaker: Draft, partner: NonNullable<ArrivalParameters['partner']>): Draft {
  if (staysInside(weaker)) return { ...weaker, partnerKey: partner.key };
  const base = beneath(weaker);
  return {
    ...base,
    medium: base.medium ?? 'referral',
    partnerKey: partner.key,
    confidence: 'high',
    rule: `partner.${partner.parameter}`,
    kind: 'campaign',
  };
}

/**
 * `fbclid` and its like say by which platform a link was once copied, so they decide only where no referrer says where
 * it was clicked: such links are passed on.
 */
function withUnpaidClickId(weaker: Draft, clickId: ClickIdParameter): Draft {
  const { parameter, platform, source, medium } = clickId;
  const base = { ...beneath(weaker), clickIdType: parameter, platform };
  if (staysInside(weaker)) return base;
  if (base.source !== undefined) return { ...base, kind: 'campaign' };
  const rule = `click_id.${parameter}`;
  return { ...base, source, medium, confidence: 'high', rule, kind: 'campaign' };
}

/** Tags without a source (a campaign alone) leave the source that is known; a new source never keeps another's medium. */
function withUtm(weaker: Draft, utm: Utm): Draft {
  const namesSource = utm.source !== undefined || utm.medium !== undefined;
  if (!namesSource && staysInside(weaker)) return { ...weaker, ...utm };

  const base: Draft = {
    ...beneath(weaker),
    ...utm,
    confidence: 'medium',
    rule: 'utm',
    kind: 'campaign',
  };
  if (utm.source === undefined) return base;
  const assistant = aiAssistantOf(utm.source);
  if (assistant === undefined) return { ...base, medium: utm.medium };
  const medium = saysOnlyLink(utm.medium) ? mediumByCategory.ai : utm.medium;
  return { ...base, source: assistant, medium, rule: `utm.ai.${assistant}` };
}

/** Tags that call the click paid too describe it more closely than the platform's name does, so they keep their words. */
function withPaidClickId(weaker: Draft, clickId: ClickIdParameter, utm: Utm): Draft {
  const { parameter, platform } = clickId;
  const { source = clickId.source, medium = '' } = utm;
  const agrees = medium === clickId.medium || isPaidMedium(medium);
  return {
    ...beneath(weaker),
    source: agrees ? source : clickId.source,
    medium: agrees ? medium : clickId.medium,
    clickIdType: parameter,
    platform,
    confidence: 'high',
    rule: `click_id.${parameter}`,
    kind: 'campaign',
  };
}

/** A link's own tags are certain; without them the rest of the chain says where the link was clicked. */
function withLink(weaker: Draft, link: ClickedLink): Draft {
  const utm = utmOf(link);
  const rule = isEmptyUtm(utm) ? `link.${weaker.rule}` : 'link.utm';
  const base: Draft = { ...beneath(weaker), ...utm, confidence: 'certain', rule, kind: 'campaign' };
  if (utm.source !== undefined) return { ...base, medium: utm.medium };
  const referral = link.linkType === 'referral' ? 'referral' : undefined;
  return { ...base, medium: base.medium ?? referral };
}

function utmOf(link: ClickedLink): Utm {
  const utm: Utm = {};
  for (const [field, text] of [
    ['source', link.utmSource],
    ['medium', link.utmMedium],
    ['campaign', link.utmCampaign],
    ['content', link.utmContent],
    ['term', link.utmTerm],
  ] as const) {
    const value = text === undefined ? undefined : cleanUtm(field, text);
    if (value !== undefined) utm[field] = value;
  }
  return utm;
}

/** ChatGPT appends `utm_source=chatgpt.com` itself and sends no referrer; other assistants do alike. */
function aiAssistantOf(utmSource: string): string | undefined {
  const name = utmSource.toLowerCase();
  if (Object.hasOwn(aiSourceNames, name)) return aiSourceNames[name];
  if (!name.includes('.')) return undefined;
  const host = normaliseHost(name);
  const known = host === undefined ? undefined : findKnownHost(withoutWww(host));
  return known?.category === 'ai' ? known.source : undefined;
}

/** No medium, or one that says no more than that it was a link. */
function saysOnlyLink(medium: string | undefined): boolean {
  return medium === undefined || medium === 'referral' || medium === 'organic' || medium === 'ai';
}
