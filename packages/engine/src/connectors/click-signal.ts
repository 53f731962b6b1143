import { clickIds } from '../sources/click-ids.ts';
import type { Signal } from './outgoing-conversion.ts';

/** Cookies in which a platform's own script keeps the id of a click; the others name the browser. */
const clickCookies: Readonly<Record<string, string>> = {
  _fbc: 'fbclid',
  _gcl_aw: 'gclid',
  _uetmsclkid: 'msclkid',
  _twclid: 'twclid',
  _rdt_cid: 'rdt_cid',
  _epik: 'epik',
};

/** The click id by which a platform claims a conversion: the newest among its signals, by its parameter. */
export function clickSignalOf(signals: Readonly<Record<string, Signal>>): string | undefined {
  const clicks = Object.entries(signals).flatMap(([name, { seenAt }]) => {
    const parameter = clickCookies[name] ?? (isClickId(name) ? name : undefined);
    return parameter === undefined ? [] : [{ parameter, at: seenAt.getTime() }];
  });
  return clicks.toSorted((left, right) => right.at - left.at)[0]?.parameter;
}

/** The platform that a click id is of, as sources name it. */
export function platformOfClick(parameter: string): string | undefined {
  return clickIds.find((clickId) => clickId.parameter === parameter)?.platform;
}

function isClickId(name: string): boolean {
  return clickIds.some(({ parameter }) => parameter === name);
}
