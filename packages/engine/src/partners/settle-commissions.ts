import type { Context } from '../context.ts';
import { settleByPosition } from '../ledger/settle-by-position.ts';
import type { SettleOptions, Settling } from '../ledger/settle-by-position.ts';
import type { Tx } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { attributeCustomer } from './attribute-customer.ts';
import type { Attributed } from './attribute-customer.ts';
import {
  findCommissionProgress,
  findWorkspacesWithPrograms,
  lockCommissions,
  saveCommissionProgress,
} from './commission-progress-store.ts';
import { selectCommissionsOf } from './commission-store.ts';
import { createCustomerStore } from './customer-store.ts';
import type { CustomerConversion, PartnerTouch } from './customer-store.ts';
import { programAt } from './partner-program.ts';
import type { PartnerProgram } from './partner-program.ts';
import { selectPartnersByIds } from './partner-store.ts';
import type { PartnerRow } from './partner-store.ts';
import { selectProgramVersions } from './program-store.ts';
import { settleCustomer } from './settle-customer.ts';
import type { CustomerState, EarningEvent, Terms } from './settle-customer.ts';
import { createSuspicionStore } from './suspicion-store.ts';
import { suspicionsOf } from './suspicion.ts';

export interface SettledCommissions {
  /** People who were looked at. */
  readonly people: number;
  /** Entries of the ledger that it took. */
  readonly entries: number;
}

type Programs = ReadonlyMap<string, readonly PartnerProgram[]>;

/** Brings the commissions of a workspace up to date with what was committed since the last time, or with everything (`all`). */
export async function settleCommissions(
  context: Settling,
  workspace: Workspace,
  options: SettleOptions = {},
): Promise<SettledCommissions> {
  const { db, schema } = context.database;
  const { id } = workspace;
  const customers = createCustomerStore(schema);
  const { looked, entries } = await settleByPosition(
    context,
    {
      findProgress: () => findCommissionProgress(db, id),
      saveProgress: (progress) => saveCommissionProgress(db, id, progress),
      selectChanged: (snapshot) => customers.selectChangedRoots(db, id, snapshot),
      selectAfter: (after, limit) => customers.selectRootsAfter(db, id, after, limit),
      async prepare() {
        const programs = Map.groupBy(await selectProgramVersions(db, id), (one) => one.id);
        return async (tx, roots) => {
          // Everything is read under the lock, so that whoever had it before is seen.
          await lockCommissions(tx, id);
          return settlePeople(context, tx, workspace, programs, roots);
        };
      },
    },
    options,
  );
  return { people: looked, entries };
}

/**
 * Brings the commissions of every workspace that has programmes up to date. One that cannot be is told when the others
 * are done.
 * @throws the first failure.
 */
export async function settleAllCommissions(
  context: Settling & Pick<Context, 'workspaces'>,
  isStopped: () => boolean,
): Promise<void> {
  const failures: unknown[] = [];
  for (const id of await findWorkspacesWithPrograms(context.database.db)) {
    if (isStopped()) break;
    try {
      const workspace = await context.workspaces.get(id);
      if (workspace !== undefined) await settleCommissions(context, workspace, { isStopped });
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** Settles some people under the lock that the caller holds; partners who turn out to be a ring are looked at again. */
export async function settlePeople(
  context: Settling,
  tx: Tx,
  workspace: Workspace,
  programs: Programs,
  roots: readonly string[],
): Promise<number> {
  const suspicions = createSuspicionStore(context.database.schema);
  const ring = new Set<string>();
  let written = 0;
  for (let round = 0, next = roots; next.length > 0 && round < 2; round += 1) {
    const { states, partners } = await readStates(context, tx, workspace.id, programs, next, {
      notes: true,
    });
    const terms: Terms = {
      programs,
      partners,
      async findSuspicions(rootId, commission, program) {
        if (commission.touchId === null) return [];
        const { touchId, partnerId, triggerAt } = commission;
        const suspect = { touchId, partnerId, rootId, earnedAt: triggerAt.getTime() };
        const [facts] = await suspicions.readFacts(tx, workspace.id, [suspect]);
        if (facts === undefined) return [];
        for (const id of facts.ring) ring.add(id);
        return suspicionsOf(facts, program);
      },
    };
    for (const state of states)
      written += await settleCustomer(context, tx, workspace, state, terms);
    // Also those of this round: they were looked at before the circle was closed.
    next = await suspicions.selectRootsOfPartners(tx, workspace.id, [...ring]);
  }
  return written;
}

/** Some people with everything that their commissions follow from; `notes`: whether who is paid is written down. */
export async function readStates(
  { database }: Settling,
  tx: Tx,
  workspaceId: string,
  programs: Programs,
  roots: readonly string[],
  { notes }: { readonly notes: boolean },
): Promise<{
  readonly states: readonly CustomerState[];
  readonly partners: ReadonlyMap<string, PartnerRow>;
}> {
  const store = createCustomerStore(database.schema);
  const members = await store.selectMembers(tx, workspaceId, roots);
  const touches = await store.selectTouches(tx, workspaceId, roots);
  const conversions = await store.selectConversions(tx, workspaceId, roots);
  const commissions = await selectCommissionsOf(
    tx,
    workspaceId,
    members.map(({ id }) => id),
  );
  const partners = new Map(
    (
      await selectPartnersByIds(tx, workspaceId, [
        ...new Set([...touches, ...conversions].flatMap(({ partnerId }) => partnerId ?? [])),
      ])
    ).map((partner) => [partner.id, partner]),
  );
  const own = new Map(touches.map((touch) => [touch.id, touch]));
  const elsewhere = [
    ...conversions.map((one) => one.partnerTouchId),
    ...commissions.map((one) => one.touchId),
  ]
    .filter((id) => id !== null)
    .filter((id) => !own.has(id));
  const kept = await store.findKeptTouches(tx, workspaceId, [...new Set(elsewhere)]);
  const rootOf = new Map(members.map(({ id, rootId }) => [id, rootId]));
  const [touchesOf, conversionsOf, commissionsOf] = [
    Map.groupBy(touches, ({ rootId }) => rootId),
    Map.groupBy(conversions, ({ rootId }) => rootId),
    Map.groupBy(commissions, ({ visitorId }) => rootOf.get(visitorId ?? '')),
  ];
  const windowDaysOf = (partnerId: string, at: number): number | undefined => {
    const partner = partners.get(partnerId);
    if (partner?.status !== 'active' || partner.programId === null) return undefined;
    const versions = programs.get(partner.programId) ?? [];
    // What lies before the first version is only simulated.
    const first = versions[0];
    const isBefore = first !== undefined && at < first.effectiveFrom.getTime();
    return (isBefore ? first : programAt(versions, at))?.windowDays;
  };

  const snapshots: Array<Attributed & { readonly id: string }> = [];
  const states = [...new Set(members.map(({ rootId }) => rootId))].map((rootId): CustomerState => {
    // A touch that is kept and not among these is somebody else's, since an undo.
    const isTheirs = (touchId: string): boolean => {
      const touch = own.get(touchId);
      return touch === undefined ? !kept.has(touchId) : touch.rootId === rootId;
    };
    const theirs = conversionsOf.get(rootId) ?? [];
    const theirTouches = touchesOf.get(rootId) ?? [];
    const attributed = attributeCustomer(theirs, theirTouches, { windowDaysOf, isTheirs });
    for (const [conversion, { partnerId, touchId }] of attributed)
      if (conversion.partnerId === null) snapshots.push({ id: conversion.id, partnerId, touchId });
    const events = [
      ...theirTouches.flatMap(clickEvent),
      ...theirs.flatMap((conversion) => {
        const by = attributed.get(conversion);
        return by === undefined ? [] : [conversionEvent(conversion, by, own.get(by.touchId))];
      }),
    ].toSorted((a, b) => a.event.occurredAt - b.event.occurredAt);
    return { rootId, events, commissions: commissionsOf.get(rootId) ?? [], isTheirs };
  });
  if (notes) await store.noteSnapshots(tx, workspaceId, snapshots);
  return { states, partners };
}

/** Arrivals are clicks; a coupon, or a partner whom a server has named, is none. */
function clickEvent(touch: PartnerTouch): EarningEvent[] {
  if (touch.kind !== 'click' && touch.kind !== 'campaign') return [];
  return [
    {
      event: { id: touch.id, trigger: 'click', occurredAt: touch.occurredAt, removed: false },
      visitorId: touch.visitorId,
      attributed: { partnerId: touch.partnerId, touchId: touch.id },
      linkId: touch.linkId,
    },
  ];
}

function conversionEvent(
  conversion: CustomerConversion,
  attributed: Attributed,
  touch: PartnerTouch | undefined,
): EarningEvent {
  const { id, type, occurredAt, amountMinor, currency, refundedMinor, removed } = conversion;
  return {
    event: {
      id,
      trigger: type === 'sale' ? 'sale' : 'lead',
      occurredAt,
      amountMinor: amountMinor ?? undefined,
      currency: currency ?? undefined,
      netMinor: amountMinor === null ? undefined : amountMinor + refundedMinor,
      removed,
    },
    visitorId: conversion.visitorId,
    attributed,
    linkId: touch?.linkId ?? null,
  };
}
