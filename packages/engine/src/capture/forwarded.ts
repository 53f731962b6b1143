import type { HeadwaterOptions } from '../options.ts';

/** Where a request came from and was meant for, as the client saw it. */
export interface Origins {
  readonly host: string;
  readonly scheme: 'http' | 'https';
  readonly remoteAddress: string | undefined;
}

/**
 * What trusted proxies say about the request before them. Each of them adds a value to the right of what it got, so
 * as many values as there are trusted proxies can be believed; what is left of them, anybody may have written.
 */
export function readForwarded(
  header: (name: string) => string | undefined,
  direct: Origins,
  trustProxy: HeadwaterOptions['trustProxy'] = false,
): Origins {
  const hops = Number(trustProxy);
  if (!(hops > 0)) return direct;
  const scheme = farthest(header('x-forwarded-proto'), hops)?.toLowerCase();
  return {
    host: farthest(header('x-forwarded-host'), hops) ?? direct.host,
    scheme: scheme === 'https' || scheme === 'http' ? scheme : direct.scheme,
    remoteAddress: stripPort(farthest(header('x-forwarded-for'), hops)) ?? direct.remoteAddress,
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

/** The last value but as many as there are proxies behind the one that wrote it. */
function farthest(list: string | undefined, hops: number): string | undefined {
  const values = list
    ?.split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
  return values?.at(-Math.min(hops, values.length));
}

function stripPort(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  return /^\[(.+)\](?::\d+)?$/.exec(address)?.[1] ?? /^([\d.]+):\d+$/.exec(address)?.[1] ?? address;
}
