import type { Context } from '../context.ts';
import type { RateLimitedRefusal } from '../limits/rate-limit.ts';
import { countGuess } from '../limits/count-guess.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { WriteOptions } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findLiveCode } from './get-code.ts';
import { showCode } from './code-store.ts';
import { publicCodeMessage } from './redeem-code.ts';
import { codeState } from './referral-code.ts';
import type { ReferralCode } from './referral-code.ts';
import { referralSettings } from './referral-settings.ts';

export interface CheckCodeInput {
  /** What was typed into the form. */
  readonly code?: string | null | undefined;
  /** The address of who types, to count guesses by its network. */
  readonly address?: string | undefined;
  /** The account of who types, to count guesses by that too. */
  readonly account?: string | undefined;
  /** `typing` checks nothing. @default 'submit' */
  readonly when?: 'typing' | 'submit' | undefined;
}

export type CheckCodeRefusal =
  | RateLimitedRefusal
  | (Refusal & { readonly code: 'code_required' | 'code_unusable' });

/**
 * Checks a code that somebody typed at a sign-up. Every code that cannot be used has the same answer, and guesses are
 * counted. `undefined` where none is needed and none was typed.
 */
export async function checkCode(
  context: Context,
  workspace: Workspace,
  { code, address, account, when = 'submit' }: CheckCodeInput,
  options?: WriteOptions,
): Promise<Result<ReferralCode | undefined, CheckCodeRefusal>> {
  const { enabled, required } = referralSettings(workspace);
  const typed = code?.trim() ?? '';
  if (!enabled || when === 'typing') return ok(undefined);
  if (typed === '')
    return required
      ? refuse('code_required', 'Referral code is required', { code: ['is required'] })
      : ok(undefined);
  const counted = await countGuess(context.limiter, workspace.id, { address, account }, options);
  if (!counted.ok) return counted;
  const found = await findLiveCode(context, workspace, typed);
  return found !== undefined && codeState(found, context.clock.now()) === 'valid'
    ? ok(showCode(found))
    : refuse('code_unusable', publicCodeMessage, { code: ['cannot be used'] });
}
