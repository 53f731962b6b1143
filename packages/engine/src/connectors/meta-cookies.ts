/**
 * Meta's click id and browser id (developers.facebook.com/documentation/ads-commerce/conversions-api/parameters/fbp-and-fbc,
 * 2026-01): `fb.<index of the domain>.<ms>.<id>`, to which Meta's own library may have added an appendix.
 */
import type { Signal } from './outgoing-conversion.ts';

const cookie = /^fb\.[0-9]\.(\d{1,16})\.([^.]+(?:\..+)?)$/;

/**
 * `fbc`: the cookie as it is, where it holds the same click as the URL or a later one; otherwise made of the `fbclid` and
 * of when it was clicked, with the index that Meta wants from servers.
 */
export function clickIdOfMeta(
  fbclid: Signal | undefined,
  fbc: Signal | undefined,
): string | undefined {
  const parts = fbc === undefined ? null : cookie.exec(fbc.value);
  if (fbclid === undefined) return parts === null ? undefined : fbc?.value;
  const clickedAt = fbclid.seenAt.getTime();
  if (fbc !== undefined && parts !== null) {
    const [, madeAt, clickId = ''] = parts;
    const isSameClick = clickId === fbclid.value || clickId.startsWith(`${fbclid.value}.`);
    if (isSameClick || Number(madeAt) > clickedAt) return fbc.value;
  }
  return `fb.1.${clickedAt}.${fbclid.value}`;
}

/** `fbp`: the cookie as it is. */
export function browserIdOfMeta(fbp: Signal | undefined): string | undefined {
  return fbp?.value.startsWith('fb.') === true ? fbp.value : undefined;
}
