import type { Context } from '../context.ts';
import { day } from '../kernel/clock.ts';
import { settleEarning } from '../ledger/settle-earning.ts';
import type { Tx } from '../store/database.ts';
import { withinCap } from '../rewards/reward-rule.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { Attributed } from './attribute-customer.ts';
import { dueCommission, isOpen } from './commission.ts';
import type { Commission, Suspicion } from './commission.ts';
import { insertCommission, sumCommissions, updateCommission } from './commission-store.ts';
import { accountOfPartner } from './partner-account.ts';
import { chooseRule, fullCommission, isStillPaid, programAt } from './partner-program.ts';
import type { CommissionEvent, PartnerProgram } from './partner-program.ts';
import type { PartnerRow } from './partner-store.ts';
import { withSuspicions } from './suspicion.ts';

/** Something that may earn: what it is, who is paid for it, and of whom. */
export interface EarningEvent {
  readonly event: CommissionEvent;
  readonly visitorId: string;
  readonly attributed: Attributed;
  /** Of the touch. */
  readonly linkId: string | null;
}

/** One person with everything that commissions follow from. */
export interface CustomerState {
  readonly rootId: string;
  /** Oldest first. */
  readonly events: readonly EarningEvent[];
  readonly commissions: readonly Commission[];
  /** Whether a touch is this person's, or is not kept any more. */
  readonly isTheirs: (touchId: string) => boolean;
}

/** What holds for a whole workspace. */
export interface Terms {
  readonly programs: ReadonlyMap<string, readonly PartnerProgram[]>;
  readonly partners: ReadonlyMap<string, PartnerRow>;
  readonly findSuspicions: (
    rootId: string,
    commission: Commission,
    program: PartnerProgram,
  ) => Promise<readonly Suspicion[]>;
}

type Settling = Pick<Context, 'clock' | 'createId'>;

/**
 * Writes what is due for one person, and takes back what is not due any more; returns how many entries that took. It
 * compares what is with what has to be, so that doing it again, or after a crash, writes nothing.
 */
export async function settleCustomer(
  context: Settling,
  tx: Tx,
  workspace: Workspace,
  state: CustomerState,
  terms: Terms,
): Promise<number> {
  let written = 0;
  const known = new Map(state.commissions.map((commission) => [commission.triggerId, commission]));
  const byTrigger = new Map(state.events.map(({ event }) => [event.id, event]));
  const earlier = new Map<string, { live: number; firstAt: number | undefined }>();

  // Those that count keep their place before new ones come.
  for (const commission of state.commissions) {
    const [net, entries] = await settle(commission, byTrigger.get(commission.triggerId));
    written += entries;
    count(commission, net > 0n || isWaiting(commission));
  }
  for (const earning of state.events) {
    if (known.has(earning.event.id)) continue;
    const granted = await grant(earning);
    if (granted === undefined) continue;
    const [net, entries] = await settle(granted, earning.event);
    written += entries;
    count(granted, net > 0n || isWaiting(granted));
  }
  return written;

  function seriesOf({ programId, rule, partnerId }: Commission): string {
    return `${programId} ${rule} ${partnerId}`;
  }

  function count(commission: Commission, isLive: boolean): void {
    const key = seriesOf(commission);
    const series = earlier.get(key) ?? { live: 0, firstAt: undefined };
    const at = commission.triggerAt.getTime();
    earlier.set(key, {
      live: series.live + (isLive ? 1 : 0),
      firstAt: isLive ? Math.min(series.firstAt ?? at, at) : series.firstAt,
    });
  }

  /** Brings one commission to what it should be; answers that, and how many entries it took. */
  async function settle(
    commission: Commission,
    event: CommissionEvent | undefined,
  ): Promise<readonly [netMinor: bigint, entries: number]> {
    const now = context.clock.now();
    const program = programOf(commission);
    const found =
      program !== undefined && isOpen(commission, now)
        ? await terms.findSuspicions(state.rootId, commission, program)
        : [];
    const flagged = { ...commission, flags: withSuspicions(commission.flags, found) };
    const isTheirs = commission.touchId === null || state.isTheirs(commission.touchId);
    const target = dueCommission(flagged, event, isTheirs, now);
    let entries = 0;
    const earning = {
      type: 'commission',
      id: commission.id,
      account: accountOfPartner(workspace, commission.partnerId),
      unit: commission.unit,
      heldUntil: commission.heldUntil,
      occurredAt: commission.triggerAt,
    } as const;
    const bring = async (minor: bigint): Promise<void> => {
      const { written: took } = await settleEarning(context, tx, workspace, earning, minor);
      entries += took;
    };
    // In full first: what was taken back meanwhile is an entry of its own, in whatever order both were told.
    if (target > 0n && commission.netMinor === 0n && target !== commission.grantedMinor)
      await bring(commission.grantedMinor);
    await bring(target);
    if (target !== commission.netMinor || flagged.flags !== commission.flags)
      await updateCommission(tx, workspace.id, { ...flagged, netMinor: target });
    return [target, entries];
  }

  function programOf({ programId, programVersion }: Commission): PartnerProgram | undefined {
    return terms.programs.get(programId)?.find(({ version }) => version === programVersion);
  }

  async function grant({
    event,
    visitorId,
    attributed,
    linkId,
  }: EarningEvent): Promise<Commission | undefined> {
    const partner = terms.partners.get(attributed.partnerId);
    if (event.removed || partner?.status !== 'active' || partner.programId === null)
      return undefined;
    if (!state.isTheirs(attributed.touchId)) return undefined;
    const program = programAt(terms.programs.get(partner.programId) ?? [], event.occurredAt);
    const rule = program && chooseRule(program, partner, event, linkId);
    if (program === undefined || rule === undefined) return undefined;
    const full = fullCommission(rule.terms, event);
    if (full === undefined) return undefined;
    const now = context.clock.now();
    const at = new Date(event.occurredAt);
    const draft: Commission = {
      id: context.createId(now),
      programId: program.id,
      programVersion: program.version,
      rule: rule.name,
      partnerId: partner.id,
      trigger: event.trigger,
      triggerId: event.id,
      triggerAt: at,
      touchId: attributed.touchId,
      visitorId,
      unit: full.unit,
      grantedMinor: full.amountMinor,
      cappedMinor: 0n,
      netMinor: 0n,
      heldUntil: rule.holdDays === 0 ? null : new Date(at.getTime() + rule.holdDays * day),
      flags: [],
      decision: null,
      decidedAt: null,
      decidedBy: null,
      note: null,
      createdAt: new Date(now),
    };
    const series = earlier.get(seriesOf(draft)) ?? { live: 0, firstAt: undefined };
    if (!isStillPaid(rule, series, event.occurredAt)) return undefined;
    const scope = { programId: program.id, rule: rule.name, unit: full.unit };
    let granted = full.amountMinor;
    for (const [cap, of] of [
      [rule.caps.perPartner, { ...scope, partnerId: partner.id }],
      [rule.caps.total, scope],
    ] as const)
      if (cap !== undefined && granted > 0n)
        granted = withinCap(
          granted,
          { rewards: cap.commissions, amountMinor: cap.amountMinor },
          await sumCommissions(tx, workspace.id, of),
        );
    const commission = {
      ...draft,
      grantedMinor: granted,
      cappedMinor: full.amountMinor - granted,
    };
    await insertCommission(tx, workspace.id, commission);
    return commission;
  }
}

/** It may be approved: nobody else gets its place meanwhile. */
function isWaiting({ flags, decision }: Commission): boolean {
  return flags.length > 0 && decision === null;
}
