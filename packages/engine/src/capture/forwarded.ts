import { BlockList, isIP } from 'node:net';

import { ConfigurationError } from '../kernel/errors.ts';
import type { HeadwaterOptions } from '../options.ts';

/** Where a request came from and was meant for, as the client saw it. */
export interface Origins {
  readonly host: string;
  readonly scheme: 'http' | 'https';
  readonly remoteAddress: string | undefined;
}

/** What trusted proxies say about the request before them. */
export type ReadForwarded = (
  header: (name: string) => string | undefined,
  direct: Origins,
) => Origins;

/** What the headers say, each list from the farthest proxy to the nearest; '' where one of them said nothing. */
interface Told {
  readonly addresses: readonly string[];
  readonly hosts: readonly string[];
  readonly schemes: readonly string[];
}

/**
 * Each proxy adds a value to the right of what it got, so as many values as there are trusted proxies can be believed;
 * what is left of them, anybody may have written.
 * @throws {ConfigurationError} an address of a proxy is none.
 */
export function createForwardedReader({
  trustProxy = false,
  proxyHeader = 'x-forwarded',
}: Pick<HeadwaterOptions, 'trustProxy' | 'proxyHeader'>): ReadForwarded {
  const read = proxyHeader === 'forwarded' ? readStandard : readUsual;
  if (typeof trustProxy === 'boolean' || typeof trustProxy === 'number') {
    const hops = Number(trustProxy);
    return hops > 0
      ? (header, direct) => believe(read(header), hops, direct)
      : (_header, direct) => direct;
  }
  const isTrusted = matchAddresses(trustProxy);
  return (header, direct) => {
    if (!isTrusted(direct.remoteAddress)) return direct;
    const told = read(header);
    // From the nearest proxy on: the first that is not ours is the client.
    const own = told.addresses.findLastIndex((value) => !isTrusted(toAddress(value)));
    const hops = told.addresses.length - Math.max(0, own);
    return believe(told, Math.max(1, hops), direct);
  };
}

function believe(told: Told, hops: number, direct: Origins): Origins {
  const scheme = farthest(told.schemes, hops)?.toLowerCase();
  const address = farthest(told.addresses, hops);
  const host = farthest(told.hosts, hops);
  return {
    host: host === undefined || host === '' ? direct.host : host,
    scheme: scheme === 'https' || scheme === 'http' ? scheme : direct.scheme,
    // A proxy may keep the address to itself (RFC 7239 §6.2): then it is not known, and not that of the proxy.
    remoteAddress: address === undefined ? direct.remoteAddress : toAddress(address),
  };
}

/** The last value but as many as there are proxies behind the one that wrote it. */
function farthest(values: readonly string[], hops: number): string | undefined {
  return values.at(-Math.min(hops, values.length));
}

function readUsual(header: (name: string) => string | undefined): Told {
  const list = (name: string): string[] =>
    (header(name) ?? '')
      .split(',')
      .map((value) => value.trim())
      .filter((value) => value !== '');
  return {
    addresses: list('x-forwarded-for'),
    hosts: list('x-forwarded-host'),
    schemes: list('x-forwarded-proto'),
  };
}

// One `name=value` with what ends it (RFC 7239 §4); a quoted value may hold commas and semicolons.
const pair = /\s*(?:([\w-]+)=("(?:[^"\\]|\\.)*"|[^\s",;]*)\s*)?(;|,|$)/gy;

function readStandard(header: (name: string) => string | undefined): Told {
  const text = header('forwarded') ?? '';
  const elements: Array<Record<string, string>> = [{}];
  pair.lastIndex = 0;
  for (let at = 0; at < text.length; at = pair.lastIndex) {
    const match = pair.exec(text);
    // What cannot be read may hide anything: none of it is believed.
    if (match === null) return { addresses: [], hosts: [], schemes: [] };
    const [, name, value = '', end] = match;
    if (name !== undefined) elements.at(-1)![name.toLowerCase()] = unquote(value);
    if (end === ',') elements.push({});
  }
  const said = elements.filter((element) => Object.keys(element).length > 0);
  return {
    addresses: said.map((element) => element['for'] ?? ''),
    hosts: said.map((element) => element['host'] ?? ''),
    schemes: said.map((element) => element['proto'] ?? ''),
  };
}

function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value;
}

/** Without brackets and port; `undefined` for `unknown`, for names that hide one, and for nonsense. */
function toAddress(text: string): string | undefined {
  const bare = /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  return isIP(bare) === 0 ? undefined : plainAddress(bare);
}

/** A socket that listens for both families writes IPv4 as `::ffff:192.0.2.1` (RFC 4291 §2.5.5.2). */
export function plainAddress(address: string): string {
  return /^::ffff:(?=\d+\.)/i.test(address) ? address.slice('::ffff:'.length) : address;
}

function matchAddresses(texts: readonly string[]): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const text of texts) {
    const [address = '', prefix, ...more] = text.split('/');
    const version = isIP(address);
    const bits = version === 4 ? 32 : 128;
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
    if (version === 0 || length < 0 || length > bits || more.length > 0) {
      throw new ConfigurationError(
        `trustProxy: ${JSON.stringify(text)} is no address and no network like 10.0.0.0/8.`,
      );
    }
    list.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6');
  }
  return (text) => {
    const [address = ''] = plainAddress(text ?? '').split('%');
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
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
