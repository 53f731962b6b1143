/** The campaign parameters that a link adds to its destination. */
export interface LinkCampaign {
  readonly utmSource: string | null;
  readonly utmMedium: string | null;
  readonly utmCampaign: string | null;
  readonly utmContent: string | null;
  readonly utmTerm: string | null;
}

/** A destination taken apart once, so that the usual redirect is the concatenation of three strings. */
export interface Destination {
  /** Up to and with `hw_click=`. */
  readonly head: string;
  /** From `#` on, or empty. */
  readonly fragment: string;
  /** The whole Location where there is no click to name. */
  readonly plain: string;
  /** Up to the query. */
  readonly base: string;
  readonly own: readonly Parameter[];
  readonly campaign: readonly Parameter[];
  /** Some app URLs (`tel:`, `sms:`) have no query to add to. */
  readonly fixed: boolean;
}

interface Parameter {
  readonly name: string;
  /** `name=value` as it goes into the Location. */
  readonly text: string;
}

const clickParameter = 'hw_click';
const passedMax = 10;
/** More are not looked at: no campaign has as many, and the work must stay bounded. */
const segmentsMax = 1_000;
const nameLengthMax = 64;
const valueLengthMax = 512;
const clickIdLengthMax = 2_048;

/** What a short link is asked with for ourselves. */
const ours = new Set([clickParameter, 'ga_id', 'via', 'ref', 'qr', 's']);

export function prepareDestination(url: string, link: LinkCampaign): Destination {
  const text = toAscii(url);
  const hash = text.indexOf('#');
  const fragment = hash === -1 ? '' : text.slice(hash);
  const beforeFragment = hash === -1 ? text : text.slice(0, hash);
  const question = beforeFragment.indexOf('?');
  const base = question === -1 ? beforeFragment : beforeFragment.slice(0, question);
  const ownQuery = question === -1 ? '' : beforeFragment.slice(question + 1);
  const fixed = !/^[a-z][a-z0-9+.-]*:\/\//i.test(url);

  const campaign = campaignOf(link);
  const campaignNames = new Set(campaign.map(({ name }) => name));
  const own = ownQuery === '' ? [] : ownQuery.split('&').map(toParameter);
  const kept = own.filter(({ name }) => !campaignNames.has(name) && name !== clickParameter);
  const changed = campaign.length > 0 || kept.length < own.length;
  const start = joined(base, [...kept, ...campaign]);
  return {
    base,
    own: kept,
    campaign,
    fragment,
    fixed,
    plain: fixed || !changed ? text : start + fragment,
    head: `${start}${start.includes('?') ? '&' : '?'}${clickParameter}=`,
  };
}

/**
 * Where a request for a short link is sent. The destination's own query stays as it is; the link's campaign replaces
 * what it has of the same name, what the request brings replaces both, and the id of the click comes last.
 */
export function buildLocation(
  destination: Destination,
  query: string,
  clickId: string | undefined,
  isClickId: (name: string) => boolean,
): string {
  if (destination.fixed) return destination.plain;
  if (query === '') {
    return clickId === undefined
      ? destination.plain
      : destination.head + clickId + destination.fragment;
  }
  const passed = passedParameters(query, isClickId);
  const names = new Set(passed.map(({ name }) => name));
  const parameters = [
    ...destination.own.filter(({ name }) => !names.has(name)),
    ...destination.campaign.filter(({ name }) => !names.has(name)),
    ...passed,
  ];
  if (clickId !== undefined)
    parameters.push({ name: clickParameter, text: `${clickParameter}=${clickId}` });
  return joined(destination.base, parameters) + destination.fragment;
}

function joined(base: string, parameters: readonly Parameter[]): string {
  return parameters.length === 0 ? base : `${base}?${parameters.map(({ text }) => text).join('&')}`;
}

function campaignOf(link: LinkCampaign): Parameter[] {
  const values = [
    ['utm_source', link.utmSource],
    ['utm_medium', link.utmMedium],
    ['utm_campaign', link.utmCampaign],
    ['utm_content', link.utmContent],
    ['utm_term', link.utmTerm],
  ] as const;
  return values.flatMap(([name, value]) =>
    value === null ? [] : [{ name, text: `${name}=${encodeURIComponent(value.toWellFormed())}` }],
  );
}

/** Click ids of ad platforms, each once, and up to ten parameters of any other name, in the order of the request. */
function passedParameters(query: string, isClickId: (name: string) => boolean): Parameter[] {
  const passed: Parameter[] = [];
  const clickIds = new Set<string>();
  let others = 0;
  for (const segment of query.split('&', segmentsMax)) {
    if (segment === '') continue;
    const equals = segment.indexOf('=');
    const name = decode(equals === -1 ? segment : segment.slice(0, equals));
    if (name === '' || name.length > nameLengthMax || ours.has(name)) continue;
    const value = equals === -1 ? '' : decode(segment.slice(equals + 1));
    if (isClickId(name)) {
      if (clickIds.has(name) || value.length > clickIdLengthMax) continue;
      clickIds.add(name);
    } else {
      if (others === passedMax || value.length > valueLengthMax) continue;
      others += 1;
    }
    passed.push({
      name,
      text: isPlain(segment) ? segment : `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
    });
  }
  return passed;
}

function toParameter(segment: string): Parameter {
  const equals = segment.indexOf('=');
  return { name: decode(equals === -1 ? segment : segment.slice(0, equals)), text: segment };
}

/** What a form would have meant (WHATWG URL §5.1); text that is not percent-encoded UTF-8 stands for itself. */
function decode(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text.toWellFormed();
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced).toWellFormed();
  } catch {
    return spaced.toWellFormed();
  }
}

/** Whether every character may stand in a query as it is (RFC 3986 §3.4). */
function isPlain(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    // Space, ", #, <, >, \, ^, `, {, |, } and everything outside printable ASCII are encoded.
    if (code <= 0x22 && code !== 0x21) return false;
    if (
      code === 0x23 ||
      code === 0x3c ||
      code === 0x3e ||
      code === 0x5c ||
      code === 0x5e ||
      code === 0x60
    )
      return false;
    if (code >= 0x7b && code !== 0x7e) return false;
  }
  return true;
}

/** The same URL for a header: international host names in their ASCII form, the rest as percent-encoded UTF-8. */
function toAscii(url: string): string {
  if (/^[\x21-\x7e]*$/.test(url)) return url;
  const [, scheme = '', authority = '', rest = url] =
    /^(https?:\/\/)([^/?#]*)(.*)$/is.exec(url) ?? [];
  const host = /^[\x21-\x7e]*$/.test(authority)
    ? authority
    : (URL.parse(url)?.host ?? encodeURIComponent(authority));
  return scheme + host + rest.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}
