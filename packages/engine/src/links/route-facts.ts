import type { DeviceDescription } from '../devices/device.ts';
import type { Place } from '../places/place.ts';
import type { RouteFacts } from './route-condition.ts';

export interface AskedRequest {
  readonly header: (name: string) => string | undefined;
  readonly query: string;
  readonly place: Place | undefined;
  readonly device: DeviceDescription;
  readonly now: number;
  readonly address: string | undefined;
  readonly visitor: { readonly value: string } | undefined;
}

/** What rules are asked about, as it stands in a request. */
export function toRouteFacts(
  request: AskedRequest,
): Omit<RouteFacts, 'standing' | 'clicks'> & { readonly userAgent: string | undefined } {
  const { header, query, place, device, now, address, visitor } = request;
  return {
    now,
    place,
    device,
    language: preferredLanguage(header('accept-language')),
    query,
    referrer: hostOf(header('referer')),
    address,
    visitor: visitor?.value,
    userAgent: header('user-agent'),
  };
}

/** With its region, which the description of a device leaves out (RFC 9110 §12.5.4). */
function preferredLanguage(header: string | undefined): string | undefined {
  let preferred: string | undefined;
  let best = 0;
  for (const range of (header ?? '').slice(0, 500).split(',')) {
    const [tag = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (!/^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i.test(tag)) continue;
    const weight = parameters.find((parameter) => /^q=/i.test(parameter));
    const quality = weight === undefined ? 1 : Number(weight.slice(2));
    if (!(quality > best)) continue;
    best = quality;
    preferred = tag;
  }
  return preferred;
}

function hostOf(referrer: string | undefined): string {
  return (referrer === undefined ? undefined : URL.parse(referrer)?.hostname.toLowerCase()) ?? '';
}
