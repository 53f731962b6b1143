import type { Context } from '../context.ts';
import { readEntity } from '../invitations/entity.ts';
import { hashEntity } from '../invitations/hash-entity.ts';
import { isInvited } from '../invitations/is-invited.ts';
import { refuseForgotten } from '../invitations/refuse-forgotten.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { everRedeemed } from '../redemptions/find-redemptions.ts';
import { isOutage } from '../store/outage.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { getAdmission, noteAdmission } from './admit-entity.ts';
import { gateOf, isGrandfathered } from './gate.ts';
import type { Account, GateDecision } from './gate.ts';

const parked: GateDecision = { admitted: false, reason: 'parked' };
/** Where nobody can tell, nobody is let in. */
export const unavailable: GateDecision = { admitted: false, reason: 'unavailable' };

/**
 * Whether an account may come in. Whoever is not signed in may: that is for the login to decide. An account that names
 * nobody is parked without being looked up. Where the question cannot be answered the answer is no.
 */
export async function checkAdmission(
  context: Context,
  workspace: Workspace,
  account: Account | undefined,
): Promise<GateDecision> {
  const gate = gateOf(workspace);
  if (!gate.required) return { admitted: true, by: 'open' };
  if (account === undefined) return { admitted: true, by: 'anonymous' };
  if (account.isOperator === true) return { admitted: true, by: 'operator' };
  const read = readEntity(account.entity);
  if ('problem' in read) return parked;
  if (isGrandfathered(gate, account.createdAt)) return { admitted: true, by: 'grandfathered' };
  const { entity } = read;
  const { db } = context.database;
  try {
    const admission = await getAdmission(db, workspace, entity);
    if (admission !== undefined) return { admitted: true, by: 'admission', admission };
    // Nothing is written of who was forgotten, whatever they had redeemed.
    if ((await refuseForgotten(db, workspace, entity)) !== undefined) return parked;
    const key = hashEntity(workspace, entity);
    if (await everRedeemed(context, workspace, { type: entity.type, key })) {
      const noted = await noteAdmission(context, db, workspace, entity, 'past_redemption');
      return { admitted: true, by: 'admission', admission: noted };
    }
    return (await isInvited(context, workspace, account))
      ? { admitted: true, by: 'pending_invitation' }
      : parked;
  } catch (error) {
    if (!isOutage(error))
      context.logger.error('Whether an account may come in could not be told.', {
        error: describeFault(error),
      });
    return unavailable;
  }
}
