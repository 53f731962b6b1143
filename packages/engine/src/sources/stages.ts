import { given } from '../kernel/given.ts';
import { mediumByCategory } from './classify-referrer.ts';
import type { Draft } from './draft.ts';
import type { Evidence } from './evidence.ts';
import { findAppSource } from './app-source.ts';
import { assistantOfTag, categoryOfTag } from './tagged-source.ts';
import { isEmptyUtm, isPaidMedium } from './utm.ts';

/** One signal, weighed against what weaker ones said; where it says nothing, the draft comes back as it was. */
export interface Stage {
  readonly name:
    | 'in_app_browser'
    | 'partner'
    | 'unpaid_click_id'
    | 'utm'
    | 'paid_click_id'
    | 'link'
    | 'workspace';
  readonly weigh: (weaker: Draft, evidence: Evidence) => Draft;
}

/**
 * What comes after the referrer, from weak to strong. A stronger signal decides source and medium together; what a
 * weaker one knows besides (campaign, click id and platform, partner key, referrer host) stays beside it.
 */
export const stages: readonly Stage[] = [
  { name: 'in_app_browser', weigh: weighInAppBrowser },
  { name: 'partner', weigh: weighPartner },
  { name: 'unpaid_click_id', weigh: weighUnpaidClickId },
  { name: 'utm', weigh: weighUtm },
  { name: 'paid_click_id', weigh: weighPaidClickId },
  { name: 'link', weigh: weighLink },
  { name: 'workspace', weigh: weighWorkspaceRule },
];

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

/** Apps that open links in a browser of their own often send no referrer, but their user agent names them. */
function weighInAppBrowser(weaker: Draft, { arrival, found }: Evidence): Draft {
  if (weaker.kind !== 'direct' || found.clickId !== undefined || !isEmptyUtm(found.utm))
    return weaker;
  const app = findAppSource(arrival.userAgent);
  if (app === undefined) return weaker;
  const { source, category } = app;
  const medium = mediumByCategory[category];
  return {
    source,
    medium,
    category,
    confidence: 'low',
    rule: `in_app.${source}`,
    kind: 'referrer',
  };
}

/** A partner parameter names who sent the person, not where: the referrer still says that. */
function weighPartner(weaker: Draft, { found: { partner } }: Evidence): Draft {
  if (partner === undefined) return weaker;
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
function weighUnpaidClickId(weaker: Draft, { found: { clickId } }: Evidence): Draft {
  if (clickId === undefined || clickId.paid) return weaker;
  const { parameter, platform, source, medium } = clickId;
  const base = { ...beneath(weaker), clickIdType: parameter, platform };
  if (staysInside(weaker)) return base;
  const campaign =
    base.source === undefined || base.source === source ? clickId.campaign : undefined;
  if (base.source !== undefined) return { ...base, campaign, kind: 'campaign' };
  const rule = `click_id.${parameter}`;
  return { ...base, source, medium, campaign, confidence: 'high', rule, kind: 'campaign' };
}

/** Tags without a source (a campaign alone) leave the source that is known; a new source never keeps another's medium. */
function weighUtm(weaker: Draft, { found: { utm } }: Evidence): Draft {
  if (isEmptyUtm(utm)) return weaker;
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
  const assistant = assistantOfTag(utm.source);
  if (assistant === undefined) return { ...base, medium: utm.medium, category: undefined };
  const medium = saysOnlyLink(utm.medium) ? mediumByCategory.ai : utm.medium;
  return { ...base, source: assistant, medium, category: 'ai', rule: `utm.ai.${assistant}` };
}

/**
 * Tags that call the click paid too describe it more closely than the platform's name does, so they keep their words; an
 * affiliate network's click is only ever an affiliate's.
 */
function weighPaidClickId(weaker: Draft, { found: { clickId, utm } }: Evidence): Draft {
  if (clickId === undefined || !clickId.paid) return weaker;
  const { parameter, platform } = clickId;
  const { source = clickId.source, medium = '' } = utm;
  const agrees =
    medium === clickId.medium || (clickId.medium !== 'affiliate' && isPaidMedium(medium));
  return {
    ...beneath(weaker),
    source: agrees ? source : clickId.source,
    medium: agrees ? medium : clickId.medium,
    category: (agrees ? categoryOfTag(source) : undefined) ?? categoryOfTag(clickId.source),
    clickIdType: parameter,
    platform,
    confidence: 'high',
    rule: `click_id.${parameter}`,
    kind: 'campaign',
  };
}

/** A link's own tags are certain; without them the rest of the chain says where the link was clicked. */
function weighLink(weaker: Draft, { arrival: { link }, linkUtm }: Evidence): Draft {
  if (link === undefined) return weaker;
  const rule = isEmptyUtm(linkUtm) ? `link.${weaker.rule}` : 'link.utm';
  const base: Draft = {
    ...beneath(weaker),
    ...linkUtm,
    confidence: 'certain',
    rule,
    kind: 'campaign',
  };
  if (linkUtm.source !== undefined) return { ...base, medium: linkUtm.medium, category: undefined };
  const referral = link.linkType === 'referral' ? 'referral' : undefined;
  return { ...base, medium: base.medium ?? referral };
}

/**
 * What a workspace's rule names is so, and the rest stays as it was found. A move inside the own site stays one, and a
 * rule about a page or a referrer makes no campaign of an arrival: it is a touch only at the start of a visit.
 */
function weighWorkspaceRule(weaker: Draft, { matched }: Evidence): Draft {
  if (matched === undefined || staysInside(weaker)) return weaker;
  const { name, set } = matched.rule;
  return {
    ...beneath(weaker),
    ...given(set),
    ...(set.source !== undefined && { category: undefined }),
    confidence: weaker.confidence === 'certain' ? 'certain' : 'high',
    rule: `workspace.${name}`,
    kind: matched.isCampaign || weaker.kind === 'campaign' ? 'campaign' : 'referrer',
  };
}

/** No medium, or one that says no more than that it was a link. */
function saysOnlyLink(medium: string | undefined): boolean {
  return medium === undefined || medium === 'referral' || medium === 'organic' || medium === 'ai';
}
