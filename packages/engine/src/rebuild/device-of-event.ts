import { namedOtherwise } from '../visitors/evidence-order.ts';
import { identifierKind } from '../visitors/identifier-kind.ts';
import type { WorkspaceSettings } from '../workspaces/workspace.ts';
import type { EventRow } from './replay-store.ts';

/** Which visitors one event named, and why; absent for what named only one. */
export interface NamedTogether {
  readonly visitor_ids: readonly string[];
  readonly reason: string;
}

/** What tells devices apart from whom they belong to. */
export interface DeviceFacts {
  readonly identities: ReadonlyArray<{ readonly visitor_id: string; readonly kind: string }>;
  readonly settings: WorkspaceSettings;
  /** The device that began a visit. */
  readonly ownerOf: (visitId: string) => string | undefined;
  /** Whether a device was ever handed over to a visitor. */
  readonly isHandedTo: (deviceId: string, visitorId: string) => boolean;
}

/**
 * Tells which device an event happened on: events keep the person that they were stamped with, not the device. It is
 * the device that the event named (ingest/batch-plan.ts has the rule), otherwise the stamped visitor, or the device whose
 * visit it was recorded in where that is the visitor's now.
 */
export function createDeviceReader({
  identities,
  settings,
  ownerOf,
  isHandedTo,
}: DeviceFacts): (event: EventRow, named: NamedTogether | undefined) => string | undefined {
  const devices = new Set<string>();
  for (const { visitor_id: id, kind } of identities)
    if (identifierKind(kind, settings).strength === 'device') devices.add(id);

  return (event, named) => {
    // Whatever has a device has a visit, except reports of engagement that came when none went on.
    if (event.session_id === null && event.type !== 'engagement') return undefined;
    if (named !== undefined) return namedDevice(event, named);
    const owner = event.session_id === null ? undefined : ownerOf(event.session_id);
    // What a device that changed hands does is stamped with its new user.
    if (owner !== undefined && isHandedTo(owner, event.visitor_id)) return owner;
    return event.session_id !== null || devices.has(event.visitor_id)
      ? event.visitor_id
      : undefined;
  };

  function namedDevice(event: EventRow, { visitor_ids: ids, reason }: NamedTogether) {
    const byIdentifier = ids.slice(0, ids.length - namedOtherwise(reason));
    const device = byIdentifier.find((id) => devices.has(id));
    if (device !== undefined || event.session_id === null) return device;
    // A host that names the visitor itself has visits too.
    return reason === 'visitor_id' ? ids.at(-1) : ids[0];
  }
}
