import type { Context } from '../context.ts';
import { day } from '../kernel/clock.ts';
import type { Tx } from '../store/database.ts';
import type { Telling } from '../webhooks/tell-endpoints.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { RewardedReferral } from './referral-event-store.ts';
import {
  fullReward,
  rewardLeft,
  rewards,
  rewardSides,
  versionAt,
  withinCap,
} from './reward-rule.ts';
import type { RewardRule, RewardSide, RewardTerms, TriggerEvent } from './reward-rule.ts';
import { insertReward, sumGiven } from './reward-store.ts';
import type { RewardRow } from './reward-store.ts';
import { settleReward } from './settle-reward.ts';

/** One referral with everything that its rewards follow from. */
export interface ReferralState {
  readonly referral: RewardedReferral;
  /** What the referee did, oldest first. */
  readonly events: readonly TriggerEvent[];
  readonly rewards: readonly RewardRow[];
  /** Triggers of rewards that are kept, but are not this referee's. */
  readonly lost: ReadonlySet<string>;
}

/**
 * Writes what is due to both sides of a referral, and takes back what is not due any more; returns how many entries that
 * took. It compares what is with what has to be, so that doing it again, or after a crash, writes nothing.
 */
export async function settleReferral(
  context: Telling,
  tx: Tx,
  workspace: Workspace,
  state: ReferralState,
  rules: ReadonlyMap<string, readonly RewardRule[]>,
): Promise<number> {
  let written = 0;
  for (const versions of rules.values())
    for (const side of rewardSides)
      written += await settleSide(context, tx, workspace, state, { versions, side });
  return written;
}

async function settleSide(
  context: Telling,
  tx: Tx,
  workspace: Workspace,
  { referral, events, rewards: all, lost }: ReferralState,
  { versions, side }: { readonly versions: readonly RewardRule[]; readonly side: RewardSide },
): Promise<number> {
  const ruleId = versions[0]!.id;
  const own = all.filter((reward) => reward.ruleId === ruleId && reward.side === side);
  const byId = new Map(events.map((event) => [event.id, event]));
  const isVoid = !referral.isActive || referral.isSelf;
  const due = (reward: RewardRow): bigint => {
    if (isVoid || lost.has(reward.triggerId)) return 0n;
    const event = byId.get(reward.triggerId);
    // What is not kept any more took nothing back.
    return event === undefined ? reward.netMinor : rewardLeft(reward.grantedMinor, event);
  };

  let written = 0;
  let live = 0;
  // Those that count keep their place before others come back.
  const [standing, gone] = [
    own.filter(({ netMinor }) => netMinor > 0n),
    own.filter(({ netMinor }) => netMinor === 0n),
  ];
  for (const reward of standing) {
    const target = due(reward);
    if (target > 0n) live += 1;
    if (target !== reward.netMinor)
      written += await settleReward(context, tx, workspace, reward, target);
  }
  for (const reward of gone) {
    const target = due(reward);
    const { timesMax } = versions.find(({ version }) => version === reward.ruleVersion)!;
    if (target === 0n || (timesMax !== null && live >= timesMax)) continue;
    live += 1;
    written += await settleReward(context, tx, workspace, reward, target);
  }
  if (isVoid) return written;

  const known = new Set(own.map(({ triggerId }) => triggerId));
  for (const event of events) {
    if (known.has(event.id)) continue;
    const rule = versionAt(versions, event.occurredAt);
    const terms = rule?.[side] ?? null;
    const ruled = { createdAt: referral.createdAt.getTime(), codeId: referral.codeId };
    if (rule === undefined || terms === null || !rewards(rule, ruled, event)) continue;
    if (rule.timesMax !== null && live >= rule.timesMax) continue;
    const full = fullReward(terms, event);
    if (full === undefined || full.amountMinor === 0n || event.removed) continue;
    const reward = await grant(context, tx, workspace, {
      referral,
      rule,
      side,
      terms,
      event,
      full,
    });
    const target = rewardLeft(reward.grantedMinor, event);
    // In full first: what was taken back meanwhile is an entry of its own, in whatever order both were told.
    if (reward.grantedMinor > 0n)
      written += await settleReward(context, tx, workspace, reward, reward.grantedMinor);
    if (target !== reward.grantedMinor)
      written += await settleReward(context, tx, workspace, reward, target);
    if (target > 0n) live += 1;
  }
  return written;
}

async function grant(
  context: Pick<Context, 'clock' | 'createId'>,
  tx: Tx,
  workspace: Workspace,
  given: {
    readonly referral: RewardedReferral;
    readonly rule: RewardRule;
    readonly side: RewardSide;
    readonly terms: RewardTerms;
    readonly event: TriggerEvent;
    readonly full: { readonly amountMinor: bigint; readonly unit: string };
  },
): Promise<RewardRow> {
  const { referral, rule, side, terms, event, full } = given;
  const now = context.clock.now();
  const { type, id, key } = referral[side];
  const scope = { ruleId: rule.id, side, unit: full.unit };
  const scopes = {
    perAccount: { ...scope, accountKey: key },
    perCode: { ...scope, sourceId: referral.sourceId },
    total: scope,
  } as const;
  let granted = full.amountMinor;
  for (const name of ['perAccount', 'perCode', 'total'] as const) {
    const cap = terms.caps?.[name];
    if (cap !== undefined && granted > 0n)
      granted = withinCap(granted, cap, await sumGiven(tx, workspace.id, scopes[name]));
  }
  const reward: RewardRow = {
    workspaceId: workspace.id,
    id: context.createId(now),
    ruleId: rule.id,
    ruleVersion: rule.version,
    side,
    referralId: referral.id,
    sourceId: referral.sourceId,
    triggerId: event.id,
    triggerAt: new Date(event.occurredAt),
    account: { type, id },
    accountKey: key,
    unit: full.unit,
    grantedMinor: granted,
    cappedMinor: full.amountMinor - granted,
    netMinor: 0n,
    heldUntil: rule.holdDays === 0 ? null : new Date(event.occurredAt + rule.holdDays * day),
    createdAt: new Date(now),
  };
  await insertReward(tx, reward);
  return reward;
}
