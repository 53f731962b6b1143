import { decodeParameter, forEachParameter } from '../kernel/url.ts';
import { cleanText } from './clean-text.ts';
import { clickIds, clickIdValue, findClickId, type ClickIdParameter } from './click-ids.ts';
import { cleanUtm, utmParameters, type Utm, type UtmField } from './utm.ts';

/** Everything that the query of a landing says about where it came from. */
export interface ArrivalParameters {
  readonly utm: Utm;
  /** The one that counts, by the order of {@link clickIds}. */
  readonly clickId?: ClickIdParameter;
  readonly partner?: { readonly parameter: 'via' | 'ref'; readonly key: string };
  /** What else was asked for, by names in lower case. */
  readonly wanted: ReadonlyMap<string, string>;
}

/**
 * Reads them in one pass. Empty values are absent, and of a repeated parameter the first good value counts. `names` are
 * those of further parameters, in lower case.
 */
export function readArrivalParameters(
  url: string,
  names: ReadonlySet<string> = nothing,
): ArrivalParameters {
  const utm: Utm = {};
  const ranks: Partial<Record<UtmField, number>> = {};
  let clickId: ClickIdParameter | undefined;
  let via: string | undefined;
  let ref: string | undefined;
  let wanted: Map<string, string> | undefined;

  forEachParameter(url, (spelledName, rawValue) => {
    if (rawValue === '') return;
    const name = spelledName.toLowerCase();
    if (names.has(name) && wanted?.has(name) !== true) {
      const value = decodeParameter(rawValue).trim();
      if (value !== '') (wanted ??= new Map()).set(name, value);
    }
    const tag = utmParameters.get(name);
    if (tag !== undefined) {
      if (tag.rank >= (ranks[tag.field] ?? Infinity)) return;
      const value = cleanUtm(tag.field, decodeParameter(rawValue));
      if (value === undefined) return;
      utm[tag.field] = value;
      ranks[tag.field] = tag.rank;
    } else if (name === 'via') {
      via ??= cleanText(decodeParameter(rawValue));
    } else if (name === 'ref') {
      ref ??= cleanText(decodeParameter(rawValue));
    } else {
      const candidate = findClickId(name);
      if (candidate === undefined || !beats(candidate, clickId)) return;
      if (clickIdValue(decodeParameter(rawValue)) !== undefined) clickId = candidate;
    }
  });

  return {
    utm,
    ...(clickId !== undefined && { clickId }),
    ...partnerOf(via, ref),
    wanted: wanted ?? none,
  };
}

const nothing: ReadonlySet<string> = new Set();
const none: ReadonlyMap<string, string> = new Map();

function partnerOf(
  via: string | undefined,
  ref: string | undefined,
): Pick<ArrivalParameters, 'partner'> {
  if (via !== undefined) return { partner: { parameter: 'via', key: via } };
  return ref === undefined ? {} : { partner: { parameter: 'ref', key: ref } };
}

function beats(candidate: ClickIdParameter, winner: ClickIdParameter | undefined): boolean {
  return winner === undefined || clickIds.indexOf(candidate) < clickIds.indexOf(winner);
}
