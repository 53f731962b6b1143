import { cleanText } from './clean-text.ts';

/** What campaign tags say; fields that are missing or empty are absent. */
export interface Utm {
  source?: string;
  /** In lower case, otherwise as people typed it: reports show `cpc`, and rules need no second spelling. */
  medium?: string;
  campaign?: string;
  content?: string;
  term?: string;
}

export type UtmField = keyof Utm;

/** The parameters that carry campaign tags: `utm_*` (Google Analytics), else Matomo's `mtm_*`, else its older `pk_*`. */
export const utmParameters: ReadonlyMap<
  string,
  { readonly field: UtmField; readonly rank: number }
> = new Map(
  Object.entries({
    source: ['utm_source', 'mtm_source', 'pk_source'],
    medium: ['utm_medium', 'mtm_medium', 'pk_medium'],
    campaign: ['utm_campaign', 'mtm_campaign', 'mtm_cpn', 'pk_campaign', 'pk_cpn'],
    content: ['utm_content', 'mtm_content', 'pk_content'],
    term: ['utm_term', 'mtm_keyword', 'mtm_kwd', 'pk_keyword', 'pk_kwd'],
  } satisfies Record<UtmField, string[]>).flatMap(([field, names]) =>
    names.map((name, rank) => [name, { field: field as UtmField, rank }]),
  ),
);

/** One campaign tag, cleaned. */
export function cleanUtm(field: UtmField, text: string): string | undefined {
  const clean = cleanText(text);
  // Lower case may be longer (`İ`), so the length is held again.
  return clean !== undefined && field === 'medium' ? cleanText(clean.toLowerCase()) : clean;
}

export function isEmptyUtm(utm: Utm): boolean {
  for (const _field in utm) return false;
  return true;
}

/** Whether a medium says that somebody paid: GA4's rule for paid channels, and its media of Display (help answer 9756891). */
export function isPaidMedium(medium: string): boolean {
  return (
    medium.includes('cp') ||
    medium === 'ppc' ||
    medium === 'retargeting' ||
    medium.startsWith('paid') ||
    displayMedia.has(medium)
  );
}

const displayMedia: ReadonlySet<string> = new Set([
  'display',
  'banner',
  'expandable',
  'interstitial',
  'cpm',
]);
