import { namedOtherwise } from '../visitors/evidence-order.ts';
import { identifierKind } from '../visitors/identifier-kind.ts';
import type { WorkspaceSettings } from '../workspaces/workspace.ts';
import type { EventRow } from './replay-store.ts';

/** Which visitors one event named, and why; absent for what named only one. */
export interface NamedTogether {
  readonly visitor_ids: readonly string[];
  readonly reason: string;
}

/**
 * Tells which device an event happened on: events keep the person that they were stamped with, not the device. It is
 * the device that the event named, otherwise the one whose visit it was recorded in.
 */
export function createDeviceReader(
  identities: ReadonlyArray<{ readonly visitor_id: string; readonly kind: string }>,
  settings: WorkspaceSettings,
  ownerOf: (visitId: string) => string | undefined,
): (event: EventRow, named: NamedTogether | undefined) => string | undefined {
  const devices = new Set<string>();
  for (const { visitor_id: id, kind } of identities)
    if (identifierKind(kind, settings).strength === 'device') devices.add(id);

  return (event, named) => {
    // Whatever has a device has a visit, except reports of engagement that came when none went on.
    if (event.session_id === null && event.type !== 'engagement') return undefined;
    const byName = named?.visitor_ids
      .slice(0, named.visitor_ids.length - namedOtherwise(named.reason))
      .find((id) => devices.has(id));
    if (byName !== undefined) return byName;
    if (devices.has(event.visitor_id)) return event.visitor_id;
    return event.session_id === null ? undefined : (ownerOf(event.session_id) ?? event.visitor_id);
  };
}
