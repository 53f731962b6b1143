import { decodeParameter, forEachParameter } from '../kernel/url.ts';

/** A parameter by which an ad platform, an affiliate network or a mailing marks the links it sends people over. */
export interface ClickIdParameter {
  /** As the platform spells it. */
  readonly parameter: string;
  readonly platform: string;
  readonly source: string;
  readonly medium: string;
  /** What the platform's own reports call such clicks; tags win. */
  readonly campaign?: string;
  /** Its mere presence proves a click that somebody pays for. */
  readonly paid: boolean;
  /** How long the platform takes a conversion for it, and so how long it is worth keeping. */
  readonly windowDays: number;
  /** First-party cookies in which the platform's own script keeps the same, or the browser's id beside it. */
  readonly cookies: readonly string[];
  /** It names a person (the recipient of a mailing): it tells the source, but is never kept. */
  readonly personal: boolean;
}

/**
 * In order of precedence, whatever the order in the URL: paid before unpaid, and among the paid ones Google's first,
 * then the other ad platforms, then affiliate networks. Facts: the platforms' documentation, as of 2026.
 */
export const clickIds: readonly ClickIdParameter[] = [
  ad('gclid', 'google_ads', 'google', { cookies: ['_gcl_aw'] }),
  ad('gbraid', 'google_ads', 'google'),
  ad('wbraid', 'google_ads', 'google'),
  ad('dclid', 'google_display', 'google'),
  // Not ids of one click, but they survive where Safari removes the gclid.
  ad('gad_source', 'google_ads', 'google'),
  ad('gad_campaignid', 'google_ads', 'google'),
  ad('gclsrc', 'google_ads', 'google'),
  ad('msclkid', 'microsoft_ads', 'bing', { cookies: ['_uetmsclkid'] }),
  ad('ttclid', 'tiktok', 'tiktok', { cookies: ['_ttp'], windowDays: 28 }),
  ad('twclid', 'twitter_ads', 'twitter', { cookies: ['_twclid'] }),
  ad('li_fat_id', 'linkedin_ads', 'linkedin', { cookies: ['li_fat_id'] }),
  ad('rdt_cid', 'reddit_ads', 'reddit', { cookies: ['_rdt_cid', '_rdt_uuid'] }),
  ad('ScCid', 'snapchat_ads', 'snapchat', { cookies: ['_scid'] }),
  ad('epik', 'pinterest_ads', 'pinterest', { cookies: ['_epik'] }),
  ad('qclid', 'quora_ads', 'quora'),
  ad('oppref', 'openai_ads', 'chatgpt', { cookies: ['__oppref'] }),
  ad('yclid', 'yandex_direct', 'yandex'),
  ad('ymclid', 'yandex_market', 'yandex_market'),
  ad('ko_click_id', 'kakao', 'kakao'),
  ad('ob_click_id', 'outbrain', 'outbrain'),
  ad('dicbo', 'outbrain', 'outbrain'),
  ad('tblci', 'taboola', 'taboola'),
  ad('vmcid', 'yahoo_native', 'yahoo'),
  ad('ndclid', 'nextdoor_ads', 'nextdoor'),
  ad('s_kwcid', 'adobe_advertising', 'adobe_advertising'),
  ad('ef_id', 'adobe_advertising', 'adobe_advertising'),
  affiliate('irclickid', 'impact_radius', 'impact'),
  affiliate('irclid', 'impact_radius', 'impact'),
  affiliate('irgwc', 'impact_radius', 'impact'),
  affiliate('cjevent', 'cj', 'cj'),
  affiliate('awc', 'awin', 'awin'),
  affiliate('ranSiteID', 'rakuten', 'rakuten'),
  affiliate('sscid', 'shareasale', 'shareasale'),
  affiliate('clickref', 'partnerize', 'partnerize'),
  unpaid('fbclid', 'meta', 'facebook', 'social', { cookies: ['_fbc', '_fbp'] }),
  unpaid('igshid', 'meta', 'instagram', 'social'),
  unpaid('igsh', 'meta', 'instagram', 'social'),
  // Free listings of Google's Merchant Center, under the name that GA4 gives them.
  unpaid('srsltid', 'google_merchant', 'google', 'organic', { campaign: 'Shopping Free Listings' }),
  unpaid('mc_cid', 'mailchimp', 'mailchimp', 'email'),
  unpaid('_hsmi', 'hubspot', 'hubspot', 'email'),
  unpaid('mc_eid', 'mailchimp', 'mailchimp', 'email', { personal: true }),
  unpaid('_hsenc', 'hubspot', 'hubspot', 'email', { personal: true }),
  unpaid('_kx', 'klaviyo', 'klaviyo', 'email', { personal: true }),
  unpaid('mkt_tok', 'marketo', 'marketo', 'email', { personal: true }),
  unpaid('vero_id', 'vero', 'vero', 'email', { personal: true }),
];

/**
 * Every click id of the URL and every ad cookie, by the platform's spelling of its name: what connectors send back.
 * Of a repeated parameter the first good value counts, and the URL wins over a cookie of the same name.
 */
export function captureSignals(
  url: string | undefined,
  cookies?: Readonly<Record<string, string | undefined>>,
): Record<string, string> | undefined {
  const signals: Record<string, string> = {};
  forEachParameter(url ?? '', (name, rawValue) => {
    const found = findClickId(name);
    if (found === undefined || found.personal || found.parameter in signals) return;
    const value = clickIdValue(decodeParameter(rawValue));
    if (value !== undefined) signals[found.parameter] = value;
  });
  for (const [name, cookie] of Object.entries(cookies ?? {})) {
    if (name in signals || !isAdCookie(name)) continue;
    const value = cookieValue(name, cookie ?? '');
    if (value !== undefined) signals[name] = value;
  }
  return Object.keys(signals).length === 0 ? undefined : signals;
}

/**
 * The ad cookies of a Cookie header, by name; `undefined` where there are none. Pages on the site that sets them send them
 * along by themselves (RFC 6265 §4.2.1).
 */
export function readAdCookies(header: string | undefined): Record<string, string> | undefined {
  if (header === undefined) return undefined;
  const found: Record<string, string> = {};
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(equals, 0)).trim();
    if (!isAdCookie(name)) continue;
    const value = cookieValue(name, decodeParameter(pair.slice(equals + 1)));
    if (value !== undefined) found[name] = value;
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

/** The session of Google Analytics has parts that begin with a dollar sign: `GS2.1.s1794992400$o1`. */
function cookieValue(name: string, text: string): string | undefined {
  const isSession = name.startsWith('_ga_');
  return clickIdValue(isSession ? text.replaceAll('$', '~') : text) === undefined
    ? undefined
    : text.trim();
}

/** `_ga_*` is Google Analytics' session in one of the site's streams. */
function isAdCookie(name: string): boolean {
  return adCookieNames.has(name) || (name.startsWith('_ga_') && name.length <= 40);
}

/** Whether a query parameter is one that a redirect has to pass on, in any case of its letters. */
export function isClickIdParameter(name: string): boolean {
  return findClickId(name) !== undefined;
}

/**
 * The address without the parameters of advertising clicks: in its query, behind the `#` of a page that routes there,
 * and in an address inside (`?next=%2Fcart%3Fgclid%3D…`). Everything else stays as it was written. Any string is taken.
 */
export function withoutClickIds(address: string): string {
  const outside = /[?#]/.test(address) ? cutParameters(address, parameterPattern, '&') : address;
  return /%(?:3f|26|23)/i.test(outside)
    ? cutParameters(outside, encodedParameterPattern, '%26')
    : outside;
}

/** A mark, the name behind it, and what else comes before the next mark. */
const parameterPattern = /([?&#])([^?&#=]*)[^?&#]*/g;
const encodedParameterPattern =
  /(%3f|%26|%23)((?:(?!%3f|%26|%23|%3d)[^?&#=])*)(?:(?!%3f|%26|%23)[^?&#])*/gi;

function cutParameters(address: string, pattern: RegExp, ampersand: string): string {
  // Whoever stood behind a parameter that began the query begins it now.
  let begun = '';
  return address.replaceAll(pattern, (piece: string, mark: string, name: string) => {
    if (isClickIdParameter(decodeParameter(name))) {
      if (mark !== ampersand) begun = mark;
      return '';
    }
    const kept = mark === ampersand && begun !== '' ? begun + piece.slice(mark.length) : piece;
    begun = '';
    return kept;
  });
}

/** The entry of a parameter, in any case of its letters: Snapchat sends `ScCid` both ways, and some sites fold URLs. */
export function findClickId(name: string): ClickIdParameter | undefined {
  return byName.get(name) ?? byName.get(name.toLowerCase());
}

/**
 * A click id is 1 to 512 characters of ASCII letters, digits and `._~:%!*+/=|-`, which all platforms keep to; anything
 * else, an unfilled `{gclid}` for one, was not made by a platform and counts as absent.
 */
export function clickIdValue(text: string): string | undefined {
  const trimmed = text.trim();
  return trimmed.length <= 512 && /^[\w.~:%!*+/=|-]+$/.test(trimmed) ? trimmed : undefined;
}

const byName: ReadonlyMap<string, ClickIdParameter> = new Map(
  clickIds.map((clickId) => [clickId.parameter.toLowerCase(), clickId]),
);

/** Beside those of clicks: the browser's id at Google Analytics. */
const adCookieNames: ReadonlySet<string> = new Set([
  ...clickIds.flatMap(({ cookies }) => cookies),
  '_ga',
]);

interface Details {
  readonly cookies?: readonly string[];
  readonly windowDays?: number;
  readonly personal?: boolean;
  readonly campaign?: string;
}

function ad(parameter: string, platform: string, source: string, details?: Details) {
  return define({ parameter, platform, source, medium: 'paid', paid: true }, details);
}

/** A commission is paid for the click, so it proves as much as an ad's. */
function affiliate(parameter: string, platform: string, source: string) {
  return define({ parameter, platform, source, medium: 'affiliate', paid: true });
}

function unpaid(
  parameter: string,
  platform: string,
  source: string,
  medium: string,
  details?: Details,
) {
  return define({ parameter, platform, source, medium, paid: false }, details);
}

function define(
  base: Omit<ClickIdParameter, 'cookies' | 'windowDays' | 'personal'>,
  { cookies = [], windowDays = 90, personal = false, campaign }: Details = {},
): ClickIdParameter {
  return { ...base, ...(campaign !== undefined && { campaign }), cookies, windowDays, personal };
}
