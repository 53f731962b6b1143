/**
 * How ad platforms want personal data before it is hashed. Their rules differ, which is why raw values are kept until a
 * conversion is sent. Each function answers the normal form, or `undefined` for what can't be one; a value that is a
 * SHA-256 in hex already goes through in lower case. Sources: the platforms' documentation as of 2026, named in each
 * platform's module.
 */
import { createHash } from 'node:crypto';

const sha256Hex = /^[0-9a-f]{64}$/i;

/** The SHA-256 of the UTF-8 of a normal form, in lower-case hex. */
export function hashed(normal: string | undefined): string | undefined {
  if (normal === undefined || normal === '') return undefined;
  return isHashed(normal)
    ? normal.toLowerCase()
    : createHash('sha256').update(normal).digest('hex');
}

export function isHashed(value: string): boolean {
  return sha256Hex.test(value);
}

/** ` Jane.Doe+promo@Gmail.com ` → `jane.doe+promo@gmail.com` */
export function plainEmail(value: string | undefined): string | undefined {
  const email = value?.replace(/\s/g, '').toLowerCase();
  return email === undefined || !(isHashed(email) || /^[^@]+@[^@]+$/.test(email))
    ? undefined
    : email;
}

/** As plain, and at Gmail without dots and `+suffix`: `janedoe@gmail.com`, but `john.smith+shop@example.com`. */
export function googleEmail(value: string | undefined): string | undefined {
  const email = plainEmail(value);
  return email !== undefined && /@(?:gmail|googlemail)\.com$/.test(email)
    ? bareEmail(email)
    : email;
}

/** Without dots and `+suffix` at every domain: `johnsmith@example.com`. */
export function bareEmail(value: string | undefined): string | undefined {
  const email = plainEmail(value);
  if (email === undefined || isHashed(email)) return email;
  const [local = '', domain = ''] = email.split('@');
  const bare = local.replace(/\+.*$/, '').replaceAll('.', '');
  return bare === '' ? undefined : `${bare}@${domain}`;
}

/** Digits with the country code and without leading zeros: `+1 (650) 555-1212` → `16505551212`. */
export function phoneDigits(value: string | undefined): string | undefined {
  if (value === undefined || isHashed(value)) return value;
  const digits = value.replace(/\D/g, '').replace(/^0+/, '');
  // E.164 has 15 digits at most, and no country's numbers are shorter than 7 with its code.
  return digits.length < 7 || digits.length > 15 ? undefined : digits;
}

/**
 * E.164 with the plus: `0044 20 7946 0958` → `+442079460958`. A number that does not show its country (a leading `+` or
 * `00`, or at least eleven digits of which the first is no zero) would be hashed to nobody's.
 */
export function phoneE164(value: string | undefined): string | undefined {
  const digits = phoneDigits(value);
  if (value === undefined || digits === undefined || isHashed(digits)) return digits;
  const written = value.replace(/[^\d+]/g, '');
  const showsCountry = /^(?:\+|00|[1-9]\d{10})/.test(written);
  return showsCountry ? `+${digits}` : undefined;
}

/** `O'Neil-Smith` → `oneilsmith`: lower case without white space and ASCII punctuation, other letters kept. */
export function bareName(value: string | undefined): string | undefined {
  return present(value?.toLowerCase().replace(/[\s!-/:-@[-`{-~]/g, ''));
}

/** Lower case, trimmed: `o'neil-smith`. */
export function lowerName(value: string | undefined): string | undefined {
  return present(value?.trim().toLowerCase());
}

/** Lower case without white space. */
export function tightText(value: string | undefined): string | undefined {
  return present(value?.toLowerCase().replace(/\s/g, ''));
}

/** Trimmed, in its own case. */
export function ownCase(value: string | undefined): string | undefined {
  return present(value?.trim());
}

/** `Menlo Park` → `menlopark`: only a to z and digits, beginning with a letter. */
export function latinCity(value: string | undefined): string | undefined {
  if (value !== undefined && isHashed(value)) return value;
  const city = value?.toLowerCase().replace(/[^a-z0-9]/g, '');
  return city === undefined || !/^[a-z]/.test(city) ? undefined : city;
}

/** `California` → `ca`: the code of a state or province; others lose white space and punctuation. */
export function stateCode(value: string | undefined): string | undefined {
  const state = bareName(value);
  return state === undefined ? undefined : (stateCodes.get(state) ?? state);
}

/** `94025-1234` → `94025`: lower case, what is before the first dash, without white space. */
export function shortPostalCode(value: string | undefined): string | undefined {
  if (value !== undefined && isHashed(value)) return value;
  const code = value?.toLowerCase().split('-')[0]?.replace(/\s/g, '');
  return code === undefined || code.length < 2 ? undefined : code;
}

/** ISO 3166-1 alpha-2 in lower case. */
export function countryCode(value: string | undefined): string | undefined {
  const code = value?.trim().toLowerCase();
  return code !== undefined && (/^[a-z]{2}$/.test(code) || isHashed(code)) ? code : undefined;
}

function present(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** The United States with their districts and territories, and Canada, as their post offices abbreviate them. */
const stateCodes: ReadonlyMap<string, string> = new Map(
  (
    'alabama al,alaska ak,arizona az,arkansas ar,california ca,colorado co,connecticut ct,delaware de,' +
    'districtofcolumbia dc,florida fl,georgia ga,hawaii hi,idaho id,illinois il,indiana in,iowa ia,kansas ks,' +
    'kentucky ky,louisiana la,maine me,maryland md,massachusetts ma,michigan mi,minnesota mn,mississippi ms,' +
    'missouri mo,montana mt,nebraska ne,nevada nv,newhampshire nh,newjersey nj,newmexico nm,newyork ny,' +
    'northcarolina nc,northdakota nd,ohio oh,oklahoma ok,oregon or,pennsylvania pa,rhodeisland ri,' +
    'southcarolina sc,southdakota sd,tennessee tn,texas tx,utah ut,vermont vt,virginia va,washington wa,' +
    'westvirginia wv,wisconsin wi,wyoming wy,puertorico pr,guam gu,' +
    'alberta ab,britishcolumbia bc,manitoba mb,newbrunswick nb,newfoundlandandlabrador nl,northwestterritories nt,' +
    'novascotia ns,nunavut nu,ontario on,princeedwardisland pe,quebec qc,québec qc,saskatchewan sk,yukon yt'
  )
    .split(',')
    .map((pair) => pair.split(' ') as [string, string]),
);
