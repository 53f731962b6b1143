import { BlockList, isIP } from 'node:net';

import { readAddress } from './address.ts';

/** Whether an address, as a request came from it, lies in one of the ranges. */
export type AddressRanges = (address: string | undefined) => boolean;

/** Whether the text is an address, or a range such as `203.0.113.0/24` (RFC 4632, RFC 4291 §2.3). */
export function isAddressRange(text: string): boolean {
  return parse(text) !== undefined;
}

/** What is no range is left out. */
export function prepareAddressRanges(ranges: readonly string[]): AddressRanges {
  const list = new BlockList();
  for (const text of ranges) {
    const range = parse(text);
    if (range !== undefined)
      list.addSubnet(range.network, range.bits, range.family === 4 ? 'ipv4' : 'ipv6');
  }
  return (given) => {
    const address = readAddress(given);
    return (
      address !== undefined && list.check(address.text, address.family === 4 ? 'ipv4' : 'ipv6')
    );
  };
}

function parse(
  text: string,
): { readonly network: string; readonly bits: number; readonly family: 4 | 6 } | undefined {
  const [network = '', length, ...rest] = text.split('/');
  const family = isIP(network);
  if (rest.length > 0 || (family !== 4 && family !== 6) || network.includes('%')) return undefined;
  const most = family === 4 ? 32 : 128;
  if (length === undefined) return { network, bits: most, family };
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Infinity;
  return bits <= most ? { network, bits, family } : undefined;
}
