import type { DeviceDescription } from '../devices/device.ts';
import { addressPrefix } from '../capture/address-prefix.ts';
import { captureArrival } from '../capture/beacon-event.ts';
import type { Context } from '../context.ts';
import { keyFromIdempotencyKey } from '../ingest/event-key.ts';
import type { IncomingEvent } from '../ingest/event.ts';
import { textLengthMax } from '../ingest/check-event.ts';
import { withoutToken } from '../invitations/invitation-url.ts';
import { day } from '../kernel/clock.ts';
import { normaliseHost } from '../kernel/url.ts';
import { hmac } from '../security/keyring.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { AccessLogLine } from './access-log-line.ts';
import type { Occurrence } from './occurrences.ts';

/** Makes the event of a page that was asked for. */
export type AccessLogCapture = (
  line: AccessLogLine,
  occurrence: Occurrence,
  device: DeviceDescription | undefined,
) => IncomingEvent;

/** @param site scheme and host of the pages, where the lines themselves do not name it */
export function captureAccessLog(
  context: Pick<Context, 'createId' | 'clock' | 'workspaces' | 'places'>,
  workspace: Workspace,
  site: string | undefined,
): AccessLogCapture {
  const recognise = createDailyHash(workspace);
  return (line, { digest, number }, device) => {
    const url = cut(withoutToken(addressOf(line, site)), textLengthMax.url);
    const referrer = line.referrer && cut(withoutToken(line.referrer), textLengthMax.referrer);
    const userAgent = line.userAgent && cut(line.userAgent, userAgentLengthMax);
    const ipPrefix = addressPrefix(line.address);
    const place = context.places.locate(line.address);
    const machine = device?.machine?.name;
    return {
      workspaceId: workspace.id,
      id: context.createId(context.clock.now()),
      key: keyFromIdempotencyKey(workspace.id, `access_log\0${digest}\0${number}`),
      // Of the line, not of what is made of it: a later run may know the site, and finds the same event.
      digest: digest.slice(0, 16),
      type: 'pageview',
      occurredAt: line.at,
      origin: 'import',
      url,
      ...(referrer && { referrer }),
      ...(userAgent && { userAgent }),
      ...(ipPrefix !== undefined && { ipPrefix }),
      ...(device !== undefined && { device }),
      ...(place.ok && { place: place.value }),
      ...(machine === undefined
        ? {
            identifiers: [{ kind: 'fingerprint', value: recognise(line) }],
            createsVisitor: true,
            arrival: captureArrival(context, workspace, {
              url,
              referrer,
              userAgent,
              signals: undefined,
              ads: true,
            }),
          }
        : { identifiers: [], createsVisitor: false, machine }),
    };
  };
}

const userAgentLengthMax = 512;

/**
 * Who one day's requests with one address and one user agent came from: a keyed hash under a key of the day, of a weak
 * kind, which never joins anybody (identity-and-attribution §5). The salt of a tracker is random and thrown away after
 * two days; that of an import has to be the same in the next run, so it is derived from the workspace's key. Whoever
 * has that key and an address could find its day; the log itself says more.
 */
function createDailyHash(workspace: Workspace): (line: AccessLogLine) => string {
  let keyed: { readonly day: number; readonly key: Buffer } | undefined;
  return ({ at, address, userAgent = '' }) => {
    const today = Math.floor(at / day);
    if (keyed?.day !== today)
      keyed = { day: today, key: hmac(workspace.dataKey, `access log visitor\0${today}`) };
    return hmac(keyed.key, `${address.toLowerCase()}\0${userAgent}`).toString('base64url', 0, 16);
  };
}

/** The address of the page. A line that names its host knows better than what was said about the whole log. */
export function addressOf({ host, request }: AccessLogLine, site: string | undefined): string {
  const target = request?.target ?? '/';
  if (/^https?:\/\//i.test(target)) return target;
  const origin = host === undefined ? undefined : originOf(host, site);
  return `${origin ?? site ?? ''}${target.startsWith('/') ? target : `/${target}`}`;
}

function originOf(virtualHost: string, site: string | undefined): string | undefined {
  const port = /:(\d+)$/.exec(virtualHost)?.[1];
  const siteScheme = site?.startsWith('http://') === true ? 'http' : 'https';
  const scheme = port === '443' ? 'https' : port === '80' ? 'http' : siteScheme;
  const host = normaliseHost(virtualHost, scheme);
  return host === undefined ? undefined : `${scheme}://${host}`;
}

function cut(text: string, lengthMax: number): string {
  // Half a surrogate pair cannot be stored.
  return text.length <= lengthMax ? text : text.slice(0, lengthMax).toWellFormed();
}
