import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { rewardLeft, withinCap } from '../rewards/reward-rule.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { applyFields, check, programNotFound } from './change-program.ts';
import type { ProgramFields, ProgramNotFound } from './change-program.ts';
import { createCustomerStore } from './customer-store.ts';
import { chooseRule, fullCommission, isStillPaid, toTriggerEvent } from './partner-program.ts';
import type { PartnerProgram } from './partner-program.ts';
import { selectProgramVersions } from './program-store.ts';
import { readStates } from './settle-commissions.ts';

export interface SimulateProgramInput extends ProgramFields {
  readonly from: Date;
  readonly to: Date;
}

/** What one partner would have earned of one currency, and what they have. */
export interface SimulatedEarning {
  readonly partnerId: string;
  readonly unit: string;
  readonly commissions: number;
  /** Minor units that the draft leaves after refunds. */
  readonly simulatedMinor: bigint;
  /** Minor units that are left of what was granted. */
  readonly actualMinor: bigint;
}

const chunkSize = 200;
const nil = '00000000-0000-0000-0000-000000000000';

/**
 * Says what partners of a programme would have earned in a period by a draft of it, beside what they have earned. Who is
 * paid for what stays as it was settled, and nobody is suspected; nothing is written.
 */
export async function simulateProgram(
  context: Context,
  workspace: Workspace,
  id: string,
  { from, to, ...fields }: SimulateProgramInput,
): Promise<Result<readonly SimulatedEarning[], ValidationRefusal | ProgramNotFound>> {
  const { db, schema } = context.database;
  if (!(from instanceof Date && to instanceof Date && from < to))
    return refuseFields({ to: ['must be after from'] });
  const versions = await selectProgramVersions(db, workspace.id);
  const latest = isUuid(id) ? versions.findLast((program) => program.id === id) : undefined;
  if (latest === undefined) return programNotFound();
  const draft = applyFields(fields, latest);
  const invalid = check(draft);
  if (invalid !== undefined) return invalid;

  const programs = Map.groupBy(versions, (program) => program.id);
  const sums = createSums(draft, { from: from.getTime(), to: to.getTime() });
  const customers = createCustomerStore(schema);
  for (let after = nil; ;) {
    const roots = await customers.selectRootsAfter(db, workspace.id, after, chunkSize);
    if (roots.length > 0)
      await db.transaction().execute(async (tx) => {
        const read = await readStates(context, tx, workspace.id, programs, roots, { notes: false });
        for (const state of read.states) sums.add(state, read.partners);
      });
    if (roots.length < chunkSize) break;
    after = roots.at(-1)!;
  }
  return ok(sums.rows());
}

type Read = Awaited<ReturnType<typeof readStates>>;

function createSums(draft: PartnerProgram, period: { readonly from: number; readonly to: number }) {
  const earned = new Map<string, { count: number; simulated: bigint; actual: bigint }>();
  const capped = new Map<string, { rewards: number; amountMinor: bigint }>();
  const isIn = (at: number): boolean => at >= period.from && at < period.to;
  const sumOf = (partnerId: string, unit: string) => {
    const key = `${partnerId} ${unit}`;
    const sum = earned.get(key) ?? { count: 0, simulated: 0n, actual: 0n };
    earned.set(key, sum);
    return sum;
  };

  return {
    add(state: Read['states'][number], partners: Read['partners']): void {
      for (const { programId, partnerId, unit, triggerAt, netMinor } of state.commissions)
        if (programId === draft.id && isIn(triggerAt.getTime()))
          sumOf(partnerId, unit).actual += netMinor;
      const series = new Map<string, { live: number; firstAt: number | undefined }>();
      for (const { event, attributed, linkId } of state.events) {
        const partner = partners.get(attributed.partnerId);
        if (partner?.programId !== draft.id || event.removed) continue;
        const rule = chooseRule(draft, partner, event, linkId);
        const full = rule && fullCommission(rule.terms, event);
        if (rule === undefined || full === undefined) continue;
        const key = `${rule.name} ${partner.id}`;
        const earlier = series.get(key) ?? { live: 0, firstAt: undefined };
        if (!isStillPaid(rule, earlier, event.occurredAt)) continue;
        let granted = full.amountMinor;
        for (const [cap, scope] of [
          [rule.caps.perPartner, `${key} ${full.unit}`],
          [rule.caps.total, `${rule.name} * ${full.unit}`],
        ] as const) {
          if (cap === undefined) continue;
          const given = capped.get(scope) ?? { rewards: 0, amountMinor: 0n };
          granted = withinCap(
            granted,
            { rewards: cap.commissions, amountMinor: cap.amountMinor },
            given,
          );
          capped.set(scope, {
            rewards: given.rewards + (granted > 0n ? 1 : 0),
            amountMinor: given.amountMinor + granted,
          });
        }
        const left = rewardLeft(granted, toTriggerEvent(event));
        series.set(key, {
          live: earlier.live + (left > 0n ? 1 : 0),
          firstAt: earlier.firstAt ?? event.occurredAt,
        });
        // What was before the period counts for how often and how long, and for caps.
        if (!isIn(event.occurredAt)) continue;
        const sum = sumOf(partner.id, full.unit);
        sum.count += left > 0n ? 1 : 0;
        sum.simulated += left;
      }
    },
    rows: (): SimulatedEarning[] =>
      [...earned].map(([key, { count, simulated, actual }]) => {
        const [partnerId = '', unit = ''] = key.split(' ');
        return {
          partnerId,
          unit,
          commissions: count,
          simulatedMinor: simulated,
          actualMinor: actual,
        };
      }),
  };
}
