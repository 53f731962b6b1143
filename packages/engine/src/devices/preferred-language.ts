/** What is longer is no browser's. */
const lengthMax = 256;

/**
 * The language that somebody wants most, by the header `Accept-Language` (RFC 9110 §12.5.4): the first part of its tag,
 * as `de` or `yue`. Where it is spoken is left out: together with the rest of a browser it would tell people apart.
 */
export function preferredLanguage(header: string | undefined): string | undefined {
  if (header === undefined || header.length > lengthMax) return undefined;
  let best: string | undefined;
  let most = 0;
  for (const range of header.split(',')) {
    const [, language, quality = '1'] =
      /^\s*([a-z]{2,3})(?:-[a-z\d-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?$/i.exec(range) ?? [];
    if (language === undefined || Number(quality) <= most) continue;
    most = Number(quality);
    best = language.toLowerCase();
  }
  return best;
}
