/** Where a request came from and was meant for, as the client saw it. */
export interface Origins {
  readonly host: string;
  readonly scheme: 'http' | 'https';
  readonly remoteAddress: string | undefined;
}

/**
 * What a trusted proxy says about the request before it. Every hop adds to the right, so the last value is the word
 * of our own proxy; addresses of inner networks are the proxies between.
 */
export function readForwarded(
  header: (name: string) => string | undefined,
  direct: Origins,
): Origins {
  const scheme = lastOf(header('x-forwarded-proto'))?.toLowerCase();
  const host = lastOf(header('x-forwarded-host'));
  const addresses = valuesOf(header('x-forwarded-for'));
  return {
    host: host ?? direct.host,
    scheme: scheme === 'https' || scheme === 'http' ? scheme : direct.scheme,
    remoteAddress: stripPort(
      addresses.findLast(isOuter) ?? addresses.at(-1) ?? direct.remoteAddress,
    ),
  };
}

/**
 * The form in which hosts are compared: lower case, without the scheme's own port and the dot of the root; `undefined`
 * when it is none (RFC 9110 §7.2).
 */
export function normaliseRequestHost(
  host: string | undefined,
  scheme: 'http' | 'https',
): string | undefined {
  if (host === undefined || host.length > 260) return undefined;
  const [, name, port] = /^([\w.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i.exec(host) ?? [];
  if (name === undefined) return undefined;
  const bare = (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();
  if (bare === '') return undefined;
  return port === undefined || Number(port) === (scheme === 'https' ? 443 : 80)
    ? bare
    : `${bare}:${Number(port)}`;
}

function valuesOf(list: string | undefined): readonly string[] {
  return list === undefined
    ? []
    : list
        .split(',')
        .map((value) => value.trim())
        .filter((value) => value !== '');
}

function lastOf(list: string | undefined): string | undefined {
  return valuesOf(list).at(-1);
}

/** Not loopback, private or link-local (RFC 1918, RFC 4193, RFC 3927). */
function isOuter(address: string): boolean {
  return !/^(?:127\.|10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|\[?(?:::1|f[cd][0-9a-f]{2}:|fe80:))/i.test(
    address,
  );
}

function stripPort(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  return /^\[(.+)\](?::\d+)?$/.exec(address)?.[1] ?? /^([\d.]+):\d+$/.exec(address)?.[1] ?? address;
}
