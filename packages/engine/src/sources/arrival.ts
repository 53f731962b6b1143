import type { SourceRule } from './source-rule.ts';

/** What is known of a link of ours that was clicked. */
export interface ClickedLink {
  readonly utmSource?: string | null | undefined;
  readonly utmMedium?: string | null | undefined;
  readonly utmCampaign?: string | null | undefined;
  readonly utmContent?: string | null | undefined;
  readonly utmTerm?: string | null | undefined;
  readonly linkType?: string | undefined;
}

/** An arrival as classification sees it. */
export interface ArrivalToClassify {
  /** The address that was asked for, absolute or a path with its query. */
  readonly url?: string | undefined;
  readonly referrer?: string | undefined;
  /** Asked only where nothing else says where the arrival came from. */
  readonly userAgent?: string | undefined;
  readonly link?: ClickedLink | undefined;
  /** The hosts of the site, normalised. */
  readonly ownHosts: ReadonlySet<string>;
  /** `url` is a page of the site, so its host is one of the site's; not so for a click on a short link's host. */
  readonly landing: boolean;
  /** The workspace's own rules; they come before ours. */
  readonly rules?: readonly SourceRule[] | undefined;
}
