import type { IncomingEvent } from '../ingest/event.ts';
import { day } from '../kernel/clock.ts';
import { withoutClickIds } from '../sources/click-ids.ts';
import { identifierKind } from '../visitors/identifier-kind.ts';
import type { WorkspaceSettings } from '../workspaces/workspace.ts';
import { clickIdDays, isWithheld, privacyRules } from './privacy-rules.ts';
import type { PrivacyRules } from './privacy-rules.ts';

/**
 * Takes out of events what the workspace does not store. It stands at the one way into the tables, so that nothing
 * depends on where an event came in; under the standard rules it is a comparison for each event. Ids of advertising
 * clicks that are older than they are kept do not come in either: retention has passed their time already.
 *
 * @param now in milliseconds
 */
export function minimiseEvents(
  settings: WorkspaceSettings,
  events: readonly IncomingEvent[],
  now: number,
): readonly IncomingEvent[] {
  const oldest = now - clickIdDays(settings) * day;
  if (settings.privacy === undefined || settings.privacy === 'standard') {
    return events.some((event) => event.occurredAt < oldest)
      ? events.map((event) => (event.occurredAt < oldest ? minimise(lateRules, event) : event))
      : events;
  }
  const rules = privacyRules(settings);
  return events.map((event) =>
    minimise(event.occurredAt < oldest ? { ...rules, clickIds: false } : rules, event),
  );
}

/**
 * The same for an event that is written down before a batch takes it in: a prefetched click, the inbox, the spool. What
 * is only needed to answer its sender is left out too. Where nobody can be asked what the workspace stores, it is the
 * least that any does.
 */
export function minimiseWaiting(
  settings: WorkspaceSettings | undefined,
  event: IncomingEvent,
): IncomingEvent {
  if (settings === undefined) return minimise(strictestRules, event);
  if (settings.privacy === undefined || settings.privacy === 'standard') return event;
  const { identifiers } = event;
  const kept = identifiers.filter(
    ({ kind }) => !isWithheld(identifierKind(kind, settings), settings),
  );
  return minimise(privacyRules(settings), { ...event, identifiers: kept });
}

type Stored = Pick<PrivacyRules, 'networks' | 'clickIds' | 'fingerprints' | 'people'>;

const lateRules: Stored = { networks: true, clickIds: false, fingerprints: true, people: true };
/** Clicks on links, which are all that comes without settings, name no people. */
const strictestRules: Stored = {
  networks: false,
  clickIds: false,
  fingerprints: false,
  people: false,
};

function minimise(rules: Stored, event: IncomingEvent): IncomingEvent {
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
