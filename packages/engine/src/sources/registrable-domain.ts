import { parse } from 'tldts';

// Names are normalised by then; private suffixes keep two customers of one platform (`a.github.io`) apart.
const options = {
  allowPrivateDomains: true,
  extractHostname: false,
  mixedInputs: false,
  validateHostname: false,
};

/** The domain that one owner registered (`example.co.uk`), by the public suffix list; none for addresses and `localhost`. */
export function registrableDomain(hostname: string): string | undefined {
  return parse(hostname, options).domain ?? undefined;
}

/** The name with a country's suffix (or `com`) as a star, `news.google.co.uk` → `news.google.*`; none for other suffixes. */
export function acrossCountries(hostname: string): string | undefined {
  const { publicSuffix, isIcann } = parse(hostname, options);
  if (publicSuffix === null || isIcann !== true || publicSuffix.length >= hostname.length) {
    return undefined;
  }
  return isCountrySuffix(publicSuffix) ? `${hostname.slice(0, -publicSuffix.length)}*` : undefined;
}

/** `com`, `de`, `co.uk`, `com.br`: two letters are a country's (RFC 1591 §2), and these second levels its commercial ones. */
function isCountrySuffix(suffix: string): boolean {
  return suffix === 'com' || /^(?:(?:co|com|ne|net|or|org)\.)?[a-z]{2}$/.test(suffix);
}
