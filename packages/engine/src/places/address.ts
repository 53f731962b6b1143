import { BlockList, isIP } from 'node:net';

/** An address in the form that databases are asked with; `undefined` when it is none. */
export interface Address {
  readonly text: string;
  readonly family: 4 | 6;
}

/** Without a zone, and without the IPv6 form that sockets give to IPv4 (RFC 4291 §2.5.5.2). */
export function readAddress(text: string | undefined): Address | undefined {
  if (text === undefined) return undefined;
  const zone = text.indexOf('%');
  const bare = zone === -1 ? text : text.slice(0, zone);
  const mapped = /^::ffff:(.+)$/i.exec(bare)?.[1];
  const address = mapped === undefined ? bare : (dotted(mapped) ?? bare);
  switch (isIP(address)) {
    case 4:
      return { text: address, family: 4 };
    case 6:
      return { text: address, family: 6 };
    default:
      return undefined;
  }
}

/** `192.0.2.1` of itself, or of `c000:201`. */
function dotted(tail: string): string | undefined {
  if (tail.includes('.')) return tail;
  const [, high, low] = /^([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(tail) ?? [];
  if (high === undefined || low === undefined) return undefined;
  const [left, right] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [left >> 8, left & 255, right >> 8, right & 255].join('.');
}

/**
 * Networks that are nowhere: private, local, for documentation and tests
 * (https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry).
 */
const specialNetworks = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  ['::', 127],
  ['100::', 64],
  ['2001:2::', 48],
  ['2001:db8::', 32],
  ['3fff::', 20],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const;

// Made at the first question, so that importing the package costs nothing.
let special: BlockList | undefined;

/** Whether the address is in a network that no registry has given to anybody. */
export function isSpecialAddress(address: Address): boolean {
  if (special === undefined) {
    special = new BlockList();
    for (const [network, prefix] of specialNetworks)
      special.addSubnet(network, prefix, network.includes(':') ? 'ipv6' : 'ipv4');
  }
  return special.check(address.text, address.family === 6 ? 'ipv6' : 'ipv4');
}
