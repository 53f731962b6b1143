import { isIP } from 'node:net';

/** The network that an address belongs to, the only part of it that anything else sees: IPv4 /24, IPv6 /48. */
export function addressPrefix(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const mapped = /^::ffff:(?=\d+\.)/i.test(address) ? address.slice(7) : address;
  switch (isIP(mapped)) {
    case 4:
      return `${mapped.slice(0, mapped.lastIndexOf('.'))}.0/24`;
    case 6:
      return `${firstGroups(mapped)}::/48`;
    default:
      return undefined;
  }
}

/** The first three groups in lower case without leading zeros; what `::` stands for is filled in (RFC 5952 §4). */
function firstGroups(address: string): string {
  const [before = ''] = address.split('%');
  const gap = before.indexOf('::');
  const left = (gap === -1 ? before : before.slice(0, gap))
    .split(':')
    .filter((group) => group !== '');
  const right = gap === -1 ? [] : groupsAfter(before.slice(gap + 2));
  const groups = [
    ...left,
    ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0'),
    ...right,
  ];
  return groups
    .slice(0, 3)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

/** A dotted tail stands for two groups; which ones never matters, because the first three are asked for. */
function groupsAfter(text: string): string[] {
  return text
    .split(':')
    .flatMap((group) => (group === '' ? [] : group.includes('.') ? ['0', '0'] : [group]));
}
