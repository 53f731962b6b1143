import type { Context } from '../context.ts';
import { day } from '../kernel/clock.ts';
import { given } from '../kernel/given.ts';
import { open } from '../security/keyring.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { assembleConversion } from './assemble-conversion.ts';
import type { KnownPerson } from './assemble-conversion.ts';
import {
  findLatestVisits,
  findOriginals,
  findPeopleOf,
  findSourceEvents,
  findSourceIdentities,
  findSourceProfiles,
  findSourceTouches,
} from './conversion-source-store.ts';
import type { ClaimedDispatch } from './dispatch.ts';
import type { OutgoingConversion } from './outgoing-conversion.ts';

/** No platform takes a click that is older. */
const lookbackMilliseconds = 90 * day;

/** A conversion that is ready to be judged, or why there is none. */
export type GatheredConversion =
  | { readonly kind: 'conversion'; readonly conversion: OutgoingConversion }
  | { readonly kind: 'gone' }
  /** A refund whose conversion is still on its way. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'original_not_delivered' };

/**
 * Reads what some dispatches of one connector are about, as it is known now: whoever was identified or joined since the
 * conversion is recognised the better. A constant number of queries.
 */
export async function gatherConversions(
  context: Pick<Context, 'database'>,
  workspace: Workspace,
  dispatches: readonly Omit<ClaimedDispatch, 'claim' | 'wasAbandoned'>[],
): Promise<ReadonlyMap<string, GatheredConversion>> {
  const { db } = context.database;
  const { id } = workspace;
  const connector = dispatches[0]?.connector ?? '';
  const refundIds = dispatches.flatMap((row) => (row.eventType === 'refund' ? row.eventId : []));
  const people = await findPeopleOf(db, id, [...new Set(dispatches.map((row) => row.visitorId))]);
  const members = [...new Set([...people.values()].flat())];
  const oldest = Math.min(...dispatches.map((row) => row.occurredAt.getTime()));
  const [events, touches, identities, profiles, visits, originals] = await Promise.all([
    findSourceEvents(db, id, dispatches),
    findSourceTouches(db, id, members, new Date(oldest - lookbackMilliseconds)),
    findSourceIdentities(db, id, members),
    findSourceProfiles(db, id, members),
    findLatestVisits(db, id, members),
    findOriginals(db, id, connector, refundIds),
  ]);
  const touchesOf = Map.groupBy(touches, (touch) => touch.visitorId);

  const known = (ids: readonly string[]): KnownPerson => {
    const own = new Set(ids);
    const value = (kind: string): string | undefined => {
      const row = identities.find((found) => found.kind === kind && own.has(found.visitorId));
      return row && open(workspace.dataKey, row.value).toString('utf8');
    };
    const sealed = ids.flatMap((visitorId) => profiles.get(visitorId) ?? []);
    const visit = visits.findLast((found) => own.has(found.visitorId));
    return given({
      email: value('email'),
      phone: value('phone'),
      externalId: value('external_id'),
      name: sealed.map((bytes) => readName(workspace, bytes)).find((name) => name !== undefined),
      userAgent: visit?.userAgent,
      url: visit?.url,
      country: visit?.country,
    });
  };

  return new Map(
    dispatches.map((dispatch): [string, GatheredConversion] => {
      const event = events.get(dispatch.eventId);
      const ids = people.get(dispatch.visitorId);
      if (event === undefined || ids === undefined) return [dispatch.id, { kind: 'gone' }];
      const original = originals.get(dispatch.eventId);
      if (dispatch.eventType === 'refund') {
        const { status } = original ?? { status: null };
        if (status === 'pending' || status === 'sending') return [dispatch.id, { kind: 'waiting' }];
        if (status !== 'delivered') return [dispatch.id, { kind: 'original_not_delivered' }];
      }
      const conversion = assembleConversion({
        dispatch,
        event,
        original,
        person: known(ids),
        touches: ids
          .flatMap((visitorId) => touchesOf.get(visitorId) ?? [])
          .toSorted((left, right) => left.occurredAt.getTime() - right.occurredAt.getTime()),
        honourGpc: workspace.settings.gpc !== 'recorded',
      });
      return [dispatch.id, { kind: 'conversion', conversion }];
    }),
  );
}

function readName(workspace: Workspace, sealed: Uint8Array): string | undefined {
  const profile = JSON.parse(open(workspace.dataKey, sealed).toString('utf8')) as {
    readonly name?: unknown;
  };
  return typeof profile.name === 'string' ? profile.name : undefined;
}
