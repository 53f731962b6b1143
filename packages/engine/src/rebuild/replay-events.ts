import type { DroppedTouch, TouchRow } from '../attribution/replace-touches.ts';
import { replaceTouches } from '../attribution/replace-touches.ts';
import { captureSignals } from '../sources/click-ids.ts';
import type { Source } from '../sources/source.ts';
import type { SourceRule } from '../sources/source-rule.ts';
import type { Transaction } from '../store/connection.ts';
import type { WorkspaceSettings } from '../workspaces/workspace.ts';
import { arrivalOfEvent, kindOf } from './arrival-of-event.ts';
import { createDeviceReader } from './device-of-event.ts';
import type { NamedTogether } from './device-of-event.ts';
import type { ClickRow, EventRow, ReplayStore, TouchRowOfEvent } from './replay-store.ts';
import type { ReplayEvent, StoredVisit, VisitReplay } from './replay-visits.ts';

/** So many events are in memory at once. */
const pageSize = 5_000;

export interface ReplayRules {
  readonly ownHosts: ReadonlySet<string>;
  readonly sourceRules: readonly SourceRule[] | undefined;
  readonly settings: WorkspaceSettings;
  /** Touches before this are not kept any more. In milliseconds. */
  readonly touchesSince: number;
}

export interface EventChanges {
  readonly events: number;
  readonly touches: number;
}

/**
 * Reads the events of these visitors page by page and lets the replay say which visit and touch each belongs to; what
 * differs from what is stored is written. Returns how many events and touches that were.
 */
export async function replayEvents(
  tx: Transaction,
  store: ReplayStore,
  workspaceId: string,
  ids: readonly string[],
  {
    replay,
    stored,
    rules,
  }: {
    readonly replay: VisitReplay;
    readonly stored: ReadonlyMap<string, StoredVisit>;
    readonly rules: ReplayRules;
  },
): Promise<EventChanges> {
  const kinds = await store.findKinds(tx, workspaceId, ids);
  const refusals = await store.findRefusals(tx, workspaceId, ids);
  const refused = new Map(refusals.map((row) => [`${row.event_id} ${row.visitor_id}`, row.reason]));
  const handed = new Set(refusals.map((row) => `${row.visitor_id} ${row.other_visitor_id}`));
  const deviceOf = createDeviceReader({
    identities: kinds,
    settings: rules.settings,
    ownerOf: (id) => stored.get(id)?.deviceId,
    isHandedTo: (device, visitor) => handed.has(`${device} ${visitor}`),
  });
  const changes = { events: 0, touches: 0 };
  for (let after: { at: Date; id: string } | undefined; ;) {
    const page = await store.findEvents(tx, workspaceId, ids, after, pageSize);
    const last = page.at(-1);
    if (last === undefined) return changes;
    await replayPage(page);
    if (page.length < pageSize) return changes;
    after = { at: last.occurred_at, id: last.id };
  }

  async function replayPage(page: readonly EventRow[]): Promise<void> {
    const touches = await touchesOf(page);
    const clickIds = page.flatMap((event) => clickIdOf(event, touches.get(event.id)) ?? []);
    const clicks = await store.findClicks(tx, workspaceId, [...new Set(clickIds)]);
    const clickOf = new Map(clicks.map((click) => [click.id, click]));
    const evidence = await store.findEvidence(
      tx,
      workspaceId,
      page.map(({ id }) => id),
    );
    const namedBy = new Map(evidence.map((row) => [row.event_id, row]));

    const made: TouchRow[] = [];
    const dropped: DroppedTouch[] = [];
    const moved: Array<readonly [id: string, sessionId: string | null]> = [];
    const changed: Parameters<ReplayStore['changeEvents']>[2] = page.flatMap((row) => {
      const touch = touches.get(row.id);
      const named = namedBy.get(row.id);
      const click = clickOf.get(clickIdOf(row, touch) ?? '');
      const event = toReplayEvent(row, touch, named, click);
      const result = replay.replay(event);
      let { touchId } = result;
      if (result.touch === 'drops') dropped.push({ id: event.ownTouch!.id, heirId: touchId });
      if (result.touch === 'makes') {
        // What is older than touches are kept was one once, and is none any more.
        if (event.at < rules.touchesSince) touchId = row.touch_id;
        else made.push(touchRow(row, touchId!, result.sessionId, event.shown!));
      }
      if (result.touch === 'keeps' && touch !== undefined && touch.session_id !== result.sessionId)
        moved.push([touch.id, result.sessionId]);
      return result.sessionId === row.session_id && touchId === row.touch_id
        ? []
        : [{ id: row.id, at: event.at, sessionId: result.sessionId, touchId }];
    });
    await replaceTouches(tx, store.schemaName, workspaceId, { made, dropped });
    if (moved.length > 0) await store.moveTouches(tx, workspaceId, moved);
    if (changed.length > 0) await store.changeEvents(tx, workspaceId, changed);
    changes.events += changed.length;
    changes.touches += made.length + dropped.length + moved.length;
  }

  async function touchesOf(page: readonly EventRow[]): Promise<Map<string, TouchRowOfEvent>> {
    const [first, last] = [page[0]!, page.at(-1)!];
    const rows = await store.findTouches(tx, workspaceId, ids, first.occurred_at, last.occurred_at);
    return new Map(rows.map((row) => [row.event_id, row]));
  }

  function toReplayEvent(
    row: EventRow,
    touch: TouchRowOfEvent | undefined,
    named: (NamedTogether & { readonly event_id: string }) | undefined,
    click: ClickRow | undefined,
  ): ReplayEvent {
    const at = row.occurred_at.getTime();
    const deviceId = deviceOf(row, named);
    const lands = click?.landed_at?.getTime() === at && row.type !== 'link_click';
    const reason = deviceId === undefined ? undefined : refused.get(`${row.id} ${deviceId}`);
    return {
      id: row.id,
      type: row.type,
      at,
      url: row.url,
      properties: row.properties,
      sessionId: row.session_id,
      touchId: row.touch_id,
      deviceId,
      rotates: reason === 'different_external_id' || reason === 'shared_device',
      shown: arrivalOfEvent(row, touch, rules),
      ownTouch: touch && { id: touch.id, kind: kindOf(touch.kind) },
      landing: lands
        ? {
            id: click.id,
            visitorId: click.visitor_id,
            sessionId: click.session_id,
            at: click.occurred_at.getTime(),
            joins: !refused.has(`${row.id} ${click.visitor_id}`),
          }
        : undefined,
    };
  }
}

/** The click that an event lands, or goes on from. */
function clickIdOf(event: EventRow, touch: TouchRowOfEvent | undefined): string | undefined {
  if (touch?.late_click_id != null) return touch.late_click_id;
  return event.touch_id === null || event.touch_id === touch?.id ? undefined : event.touch_id;
}

function touchRow(event: EventRow, id: string, sessionId: string | null, source: Source): TouchRow {
  const isClick = event.type === 'link_click';
  return {
    id,
    visitorId: event.visitor_id,
    sessionId,
    eventId: event.id,
    kind: isClick ? 'click' : source.kind === 'internal' ? 'direct' : source.kind,
    occurredAt: event.occurred_at.getTime(),
    recordedAt: event.recorded_at.getTime(),
    linkId: event.link_id,
    ...(isClick && { partner: { ofLink: true } as const }),
    source,
    url: event.url,
    referrer: event.referrer,
    signals: captureSignals(event.url ?? undefined) ?? null,
    // What somebody agreed to stands with the touches of then; a touch that is made now has nothing of it.
    consent: null,
  };
}
