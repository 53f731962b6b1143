import { decodeParameter, forEachParameter, hostOf, pathOf, schemeOf } from '../kernel/url.ts';

/**
 * The page behind a referrer that is a translation of it: whoever reads a page through Google's translator came from that
 * page, and from our own where that is one. `undefined` for everything else.
 *
 * `translate.googleusercontent.com/translate_c?u=<address>` and `translate.google.<country>/translate?u=<address>` name
 * the page; `www-example-com.translate.goog` has its host for a name, in which dots are hyphens and hyphens are doubled
 * (https://developers.google.com/search/docs/appearance/translated-results).
 */
export function findTranslatedPage(referrer: string): string | undefined {
  const host = hostOf(referrer);
  if (host === undefined) return undefined;
  if (host.endsWith(proxySuffix)) return readProxyHost(host.slice(0, -proxySuffix.length));
  const isTranslator =
    host === 'translate.googleusercontent.com' || host.startsWith('translate.google.');
  if (!isTranslator || !(pathOf(referrer) ?? '').startsWith('/translate')) return undefined;
  let page: string | undefined;
  forEachParameter(referrer, (name, value) => {
    if (name === 'u') page ??= readAddress(decodeParameter(value));
  });
  return page;
}

const proxySuffix = '.translate.goog';

function readProxyHost(label: string): string | undefined {
  const name = label.replaceAll(/--?/g, (hyphens) => (hyphens === '-' ? '.' : '-'));
  return name.includes('.') ? `https://${name}/` : undefined;
}

/** Never a translator again, so that nobody goes round in circles. */
function readAddress(text: string): string | undefined {
  const address = /^[a-z]+:/i.test(text) ? text : `http://${text}`;
  const host = hostOf(address);
  if (!/^https?$/.test(schemeOf(address) ?? '') || host?.includes('.') !== true) return undefined;
  return /(?:^|\.)translate\.(?:goog|google\.)|googleusercontent/.test(host) ? undefined : address;
}
