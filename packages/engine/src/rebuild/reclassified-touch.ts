import { gatherEvidence } from '../sources/evidence.ts';
import type { ArrivalToClassify, ClickedLink } from '../sources/arrival.ts';
import { classifySource } from '../sources/classify.ts';
import type { SourceRule } from '../sources/source-rule.ts';
import type { ClassifiedSource } from '../sources/source.ts';
import { isEmptyUtm } from '../sources/utm.ts';

/** What a touch keeps of its arrival, and what was decided then. */
export interface KeptTouch {
  readonly kind: string;
  readonly rule: string | null;
  readonly clickIdType: string | null;
  readonly url: string | null;
  readonly referrer: string | null;
  /** Of its visit. */
  readonly userAgent: string | null;
  readonly linkId: string | null;
}

/** The rules of now, and the link that was followed as it is now. */
export interface RulesOfNow {
  readonly ownHosts: ReadonlySet<string>;
  readonly sourceRules: readonly SourceRule[] | undefined;
  readonly link: (ClickedLink & { readonly id: string }) | undefined;
}

/**
 * What the rules of now make of a touch, by what it keeps; `undefined` where it does not keep any more what it was
 * classified by (a privacy preset took the query away, the link was deleted), so that nothing is better known now.
 */
export function reclassify(touch: KeptTouch, rules: RulesOfNow): ClassifiedSource | undefined {
  const followsLink = touch.kind === 'click' || touch.kind === 'view';
  if (followsLink && touch.linkId !== null && rules.link === undefined) return undefined;
  const arrival: ArrivalToClassify = {
    url: touch.url ?? undefined,
    referrer: touch.referrer ?? undefined,
    userAgent: touch.userAgent ?? undefined,
    ownHosts: rules.ownHosts,
    rules: rules.sourceRules,
    landing: !followsLink || touch.linkId === null,
    ...(followsLink && rules.link !== undefined && { link: rules.link }),
  };
  return keepsEvidence(touch, arrival) ? classifySource(arrival) : undefined;
}

/** Whether what decided then is still there. */
function keepsEvidence(
  { rule, clickIdType, url, referrer }: KeptTouch,
  arrival: ArrivalToClassify,
) {
  const { found } = gatherEvidence(arrival);
  if (clickIdType !== null && found.clickId === undefined) return false;
  // The rule of a link ends with that by which it was told where the link was clicked.
  const [family = ''] = (rule ?? '').replace(/^link\./, '').split('.');
  switch (family) {
    case 'utm':
      return rule === 'link.utm' || !isEmptyUtm(found.utm);
    case 'partner':
      return found.partner !== undefined;
    case 'referrer':
      return referrer !== null;
    case 'in_app':
      return arrival.userAgent !== undefined;
    // A workspace's rule may have asked for anything.
    case 'workspace':
      return url !== null || referrer !== null;
    default:
      return true;
  }
}

/** What the kind of a touch becomes. What was a click, a view or an invitation stays one. */
export function kindAfter(before: string, { kind }: Pick<ClassifiedSource, 'kind'>): string {
  if (before !== 'campaign' && before !== 'referrer' && before !== 'direct') return before;
  return kind === 'internal' ? 'direct' : kind;
}

/** The ids that an address names: of a click of ours, whose source its landing takes. */
export function idsInAddress(url: string): string[] {
  const uuid = /[=&?]([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=[&#]|$)/gi;
  return [...url.matchAll(uuid)].map(([, id]) => id!.toLowerCase());
}
