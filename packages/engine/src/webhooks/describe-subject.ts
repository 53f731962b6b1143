import type { Context } from '../context.ts';
import { getReferral } from '../redemptions/find-redemptions.ts';
import { getReward } from '../rewards/list-rewards.ts';
import { findPlace } from '../waitlist/find-place.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { SubjectType } from './webhook-type.ts';

/**
 * What an endpoint is told of a referral, a reward or an entry of the waitlist: as it is now, so that nobody who was
 * forgotten meanwhile is named. `undefined`: it is gone.
 */
export async function describeSubject(
  context: Context,
  workspace: Workspace,
  type: SubjectType,
  id: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  switch (type) {
    case 'referral.created':
    case 'referral.reversed':
      return describeReferral(context, workspace, id);
    case 'reward.earned':
    case 'reward.changed':
    case 'reward.reversed':
      return describeReward(context, workspace, id);
    case 'waitlist.joined':
    case 'waitlist.invited':
    case 'waitlist.left':
      return describeEntry(context, workspace, id);
    default:
      return type satisfies never;
  }
}

async function describeReferral(context: Context, workspace: Workspace, id: string) {
  const referral = await getReferral(context, workspace, id);
  return (
    referral && {
      id: referral.id,
      redemption_id: referral.redemptionId,
      referrer: { type: referral.referrer.type, id: referral.referrer.id ?? null },
      referee: { type: referral.referee.type, id: referral.referee.id ?? null },
      status: referral.status,
      created_at: referral.createdAt.toISOString(),
    }
  );
}

async function describeReward(context: Context, workspace: Workspace, id: string) {
  const reward = await getReward(context, workspace, id);
  if (reward === undefined) return undefined;
  return {
    id: reward.id,
    rule_id: reward.ruleId,
    referral_id: reward.referralId,
    trigger_id: reward.triggerId,
    side: reward.side,
    account: { type: reward.account.type, id: reward.account.id ?? null },
    status: reward.status,
    unit: reward.unit,
    granted: Number(reward.grantedMinor),
    net: Number(reward.netMinor),
    held_until: reward.heldUntil?.toISOString() ?? null,
    created_at: reward.createdAt.toISOString(),
  };
}

async function describeEntry(context: Context, workspace: Workspace, id: string) {
  const found = await findPlace(context, workspace, { id });
  if (!found.ok) return undefined;
  const { entry, position } = found.value;
  return {
    id: entry.id,
    email: entry.email ?? null,
    name: entry.name,
    code: entry.code,
    status: entry.status,
    position: position ?? null,
    referrals: entry.referrals,
    invitation_id: entry.invitationId,
    joined_at: entry.joinedAt.toISOString(),
  };
}
