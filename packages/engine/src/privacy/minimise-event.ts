import type { IncomingEvent } from '../ingest/event.ts';
import { isClickIdParameter } from '../sources/click-ids.ts';
import type { WorkspaceSettings } from '../workspaces/workspace.ts';
import { privacyRules } from './privacy-rules.ts';
import type { PrivacyRules } from './privacy-rules.ts';

/**
 * Takes out of events what the workspace does not store. It stands at the one way into the tables, so that nothing
 * depends on where an event came in; under the standard rules it is no work.
 */
export function minimiseEvents(
  settings: WorkspaceSettings,
  events: readonly IncomingEvent[],
): readonly IncomingEvent[] {
  if (settings.privacy === undefined || settings.privacy === 'standard') return events;
  const rules = privacyRules(settings);
  return events.map((event) => minimiseEvent(rules, event));
}

function minimiseEvent(rules: PrivacyRules, event: IncomingEvent): IncomingEvent {
  const { ipPrefix, profile, sameAsVisitorId, arrival, url, referrer, properties, ...rest } = event;
  const { signals, clickId, ...came } = arrival ?? {};
  return {
    ...rest,
    ...(ipPrefix !== undefined && rules.networks && { ipPrefix }),
    ...(profile !== undefined && rules.people && { profile }),
    ...(sameAsVisitorId !== undefined && rules.people && { sameAsVisitorId }),
    ...(url !== undefined && { url: rules.clickIds ? url : withoutClickIds(url) }),
    ...(referrer !== undefined && {
      referrer: rules.clickIds ? referrer : withoutClickIds(referrer),
    }),
    ...(properties !== undefined && {
      properties: rules.fingerprints ? properties : withoutFingerprint(properties),
    }),
    ...(arrival !== undefined && {
      arrival: {
        ...came,
        source: arrival.source,
        ...(signals !== undefined && rules.clickIds && { signals }),
        ...(clickId !== undefined && rules.people && { clickId }),
      },
    }),
  };
}

function withoutFingerprint(
  properties: NonNullable<IncomingEvent['properties']>,
): NonNullable<IncomingEvent['properties']> {
  if (!Object.hasOwn(properties, 'fingerprint')) return properties;
  return Object.fromEntries(Object.entries(properties).filter(([name]) => name !== 'fingerprint'));
}

/** The address without the parameters of advertising clicks; the rest stays as it was written. */
function withoutClickIds(address: string): string {
  const [, before = '', query, fragment = ''] =
    /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(address) ?? [];
  if (query === undefined) return address;
  const kept = query
    .split('&')
    .filter((pair) => !isClickIdParameter(decodeName(pair.split('=', 1)[0] ?? '')));
  return `${before}${kept.length === 0 ? '' : `?${kept.join('&')}`}${fragment}`;
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
