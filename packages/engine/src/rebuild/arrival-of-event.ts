import { classifySource } from '../sources/classify.ts';
import type { SourceRule } from '../sources/source-rule.ts';
import type { Source } from '../sources/source.ts';

/** What is stored of an event that may have been an arrival. */
export interface StoredArrival {
  readonly type: string;
  readonly origin: string;
  readonly url: string | null;
  readonly referrer: string | null;
}

/** The touch that the event has made, as far as it says where the arrival came from. */
export interface StoredSource {
  readonly kind: string;
  readonly rule: string | null;
  readonly source: string | null;
  readonly medium: string | null;
  readonly campaign: string | null;
  readonly click_id_type: string | null;
}

/**
 * Where a page itself shows that it was come from, as when it arrived: by what its touch keeps where it made one,
 * otherwise by its address and referrer under the rules of now. `undefined` where the event is no arrival.
 */
export function arrivalOfEvent(
  event: StoredArrival,
  touch: StoredSource | undefined,
  rules: {
    readonly ownHosts: ReadonlySet<string>;
    readonly sourceRules: readonly SourceRule[] | undefined;
  },
): Source | undefined {
  const isArrival =
    touch !== undefined ||
    event.url !== null ||
    event.referrer !== null ||
    // Of every way in only pages say that they arrived without saying where.
    (event.origin === 'beacon' && event.type !== 'engagement');
  if (!isArrival || event.type === 'engagement' || event.type === 'impression') return undefined;
  const isClick = event.type === 'link_click';
  const classified = classifySource({
    url: event.url ?? undefined,
    referrer: event.referrer ?? undefined,
    ownHosts: rules.ownHosts,
    landing: !isClick,
    rules: rules.sourceRules,
    ...(isClick && { link: {} }),
  });
  // The touch of a click's landing has the source of the click, which the page does not show.
  if (touch === undefined || (touch.rule === 'own_link' && !isClick)) return classified;
  const { confidence, rule, partnerKey } = classified;
  return {
    confidence,
    rule,
    ...(partnerKey !== undefined && { partnerKey }),
    kind: isClick ? 'campaign' : kindOf(touch.kind),
    ...(touch.source !== null && { source: touch.source }),
    ...(touch.medium !== null && { medium: touch.medium }),
    ...(touch.campaign !== null && { campaign: touch.campaign }),
    ...(touch.click_id_type !== null && { clickIdType: touch.click_id_type }),
  };
}

export function kindOf(touchKind: string): Source['kind'] {
  if (touchKind === 'click' || touchKind === 'campaign') return 'campaign';
  return touchKind === 'referrer' ? 'referrer' : 'direct';
}
