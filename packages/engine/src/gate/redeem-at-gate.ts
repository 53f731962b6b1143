import type { Context } from '../context.ts';
import { accountOf, readEntity } from '../invitations/entity.ts';
import type { UsageSignals } from '../invitations/track-usage.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { countGuess } from '../limits/count-guess.ts';
import type { RateLimitedRefusal } from '../limits/rate-limit.ts';
import { publicCodeMessage, redeemCode } from '../referrals/redeem-code.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { noteAdmission } from './admit-entity.ts';
import { checkAdmission } from './check-admission.ts';
import { lockAccount } from './account-lock-store.ts';
import type { Account, GateDecision } from './gate.ts';

export interface RedeemAtGateInput extends UsageSignals {
  /** Who stands before the gate. */
  readonly account: Account;
  /** What was typed into the form. */
  readonly code?: string | null | undefined;
  /** The address of who types, to count guesses by its network. */
  readonly address?: string | undefined;
}

export type RedeemAtGateRefusal =
  | RateLimitedRefusal
  | ValidationRefusal
  | (Refusal & { readonly code: 'code_required' | 'code_unusable' });

const rules = { network: 'codeChecks', account: 'gateAttempts' } as const;

/**
 * Redeems a code for an account that is parked, and lets it in: both or neither. Whoever may come in already uses nothing
 * up. Every code that cannot be used has the same answer, and tries are counted, by account and by network.
 */
export async function redeemAtGate(
  context: Context,
  workspace: Workspace,
  { account, code, address, ...signals }: RedeemAtGateInput,
  options?: WriteOptions,
): Promise<Result<GateDecision, RedeemAtGateRefusal>> {
  const read = readEntity(account.entity);
  if ('problem' in read) return refuseField('account', read.problem);
  const typed = code?.trim() ?? '';
  const before = await checkAdmission(context, workspace, account);
  if (before.admitted) return ok(before);
  if (typed === '')
    return refuse('code_required', 'Referral code is required', { code: ['is required'] });
  const { entity } = read;
  const guesser = { address, account: accountOf(entity) };
  const counted = await countGuess(context.limiter, workspace.id, guesser, options, rules);
  if (!counted.ok) return counted;

  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<GateDecision, RedeemAtGateRefusal>> => {
      // The embedded database has one connection, and this is it.
      const scope = { ...context, database: { ...context.database, db: tx } };
      // Two codes that one account sends at once are not both used up.
      await lockAccount(tx, workspace.id, accountOf(entity));
      const now = await checkAdmission(scope, workspace, account);
      if (now.admitted) return ok(now);
      const redeemed = await redeemCode(scope, workspace, typed, { ...signals, entity }, { tx });
      if (!redeemed.ok && redeemed.code !== 'already_redeemed')
        return refuse('code_unusable', publicCodeMessage, { code: ['cannot be used'] });
      const admission = await noteAdmission(scope, tx, workspace, entity, 'code');
      return ok({ admitted: true, by: 'admission', admission });
    },
  );
}
