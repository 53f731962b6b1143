import type { IncomingRequest } from './capture/exchange.ts';
import type { EntityInput } from './invitations/entity.ts';
import { idOf } from './invitations/get-invitation.ts';
import { HeadwaterError } from './kernel/errors.ts';
import type { InWorkspace, On, ReadIn, WriteIn } from './library-scope.ts';
import { createRewardCalls } from './library-rewards.ts';
import { listRedemptions, listReferrals } from './redemptions/find-redemptions.ts';
import type { ListRedemptionsInput, ListReferralsInput } from './redemptions/find-redemptions.ts';
import { archiveCode, updateCode } from './referrals/change-code.ts';
import { checkCode } from './referrals/check-code.ts';
import type { CheckCodeInput } from './referrals/check-code.ts';
import { codeUrl } from './referrals/code-url.ts';
import { createCode } from './referrals/create-code.ts';
import type { CodeFields, CreateCodeInput } from './referrals/create-code.ts';
import { getCode, getCodeByText } from './referrals/get-code.ts';
import { countCodesOf, listCodes } from './referrals/list-codes.ts';
import type { ListCodesInput } from './referrals/list-codes.ts';
import { redeemCode, reverseRedemption } from './referrals/redeem-code.ts';
import type { RedeemCodeInput } from './referrals/redeem-code.ts';
import { forgetLanding, readLanding } from './referrals/read-landing.ts';
import type { LandingOptions } from './referrals/read-landing.ts';
import {
  codeStats,
  hasRedeemed,
  referralLeaderboard,
  referralTotals,
  topCodes,
} from './referrals/referral-statistics.ts';

type Named = string | { readonly id: string };

type ReadRequest = (
  request: Request | IncomingRequest,
  remoteAddress: string | undefined,
) => IncomingRequest;

/** `hw.referrals`. */
export function createReferralCalls(on: On, read: ReadRequest) {
  return {
    /**
     * The invitation and the code that a request comes with, in its address or in the signed cookie `_hw_ref`. The visit
     * of a person to an invitation is recorded; HEAD requests, machines, prefetches and other methods only read. The answer
     * to the request should carry `headers`, and lead to `redirectTo` where the options ask for one.
     */
    readLanding: (
      request: Request | IncomingRequest,
      options?: InWorkspace & LandingOptions & { readonly remoteAddress?: string },
    ) =>
      on(options, (scope, workspace) =>
        readLanding(scope, workspace, read(request, options?.remoteAddress), options),
      ),
    /** The header that forgets it: for the answer to a sign-up. */
    forgetLanding: (secure = true, options?: InWorkspace) =>
      on(options, (scope) => Promise.resolve(forgetLanding(scope, secure))),
    /** Creates a code: one of your own, or five random letters and digits. */
    createCode: (input: CreateCodeInput = {}, options?: WriteIn) =>
      on(options, (scope, workspace) => createCode(scope, workspace, input, options)),
    /**
     * The address to hand a code on as: `base` with it as `ref`.
     * @throws {HeadwaterError} `invalid_url`: the base is no address of http or https
     */
    url: (code: { readonly code: string }, base: string) => {
      const url = codeUrl(base, code.code);
      if (url !== undefined) return url;
      throw new HeadwaterError('invalid_url', 'The base must be an address of http or https');
    },
    /** A code by its id. */
    getCode: (id: string, options?: ReadIn) =>
      on(options, (scope, workspace) => getCode(scope, workspace, id)),
    /** However it is typed. */
    getCodeByText: (text: string, options?: ReadIn) =>
      on(options, (scope, workspace) => getCodeByText(scope, workspace, text)),
    /** Newest first and without the archived ones, unless something else is asked for. */
    listCodes: (input: ListCodesInput = {}, options?: ReadIn) =>
      on(options, (scope, workspace) => listCodes(scope, workspace, input)),
    /** How many codes a user has made. */
    countCodesOf: (userId: string | number, options?: ReadIn) =>
      on(options, (scope, workspace) => countCodesOf(scope, workspace, userId)),
    /** Changes what is given. */
    updateCode: (code: Named, fields: CodeFields, options?: WriteIn) =>
      on(options, (scope, workspace) =>
        updateCode(scope, workspace, idOf(code) ?? '', fields, options),
      ),
    /** Takes a code away; its redemptions and referrals stay. */
    archiveCode: (code: Named, options?: WriteIn) =>
      on(options, (scope, workspace) => archiveCode(scope, workspace, idOf(code) ?? '', options)),
    /** For what somebody typed: one answer for every code that cannot be used, and a limit for guesses. */
    check: (input: CheckCodeInput, options?: ReadIn) =>
      on(options, (scope, workspace) => checkCode(scope, workspace, input, options)),
    /** Redeems a code (its text, or an object with its id), with the precise reason where it cannot be. */
    redeem: (code: Named, input: RedeemCodeInput, options?: WriteIn) =>
      on(options, (scope, workspace) => redeemCode(scope, workspace, code, input, options)),
    /** Gives a use back. */
    reverse: (redemption: Named, options?: WriteIn) =>
      on(options, (scope, workspace) =>
        reverseRedemption(scope, workspace, idOf(redemption) ?? '', options),
      ),
    /** Newest first. */
    redemptions: (input: ListRedemptionsInput = {}, options?: ReadIn) =>
      on(options, (scope, workspace) => listRedemptions(scope, workspace, input)),
    /** Who referred whom, newest first. */
    list: (input: ListReferralsInput = {}, options?: ReadIn) =>
      on(options, (scope, workspace) => listReferrals(scope, workspace, input)),
    /** What a code has brought. */
    stats: (code: Named, options?: ReadIn) =>
      on(options, (scope, workspace) => codeStats(scope, workspace, idOf(code) ?? '')),
    /** A code by its id, or any code. */
    hasRedeemed: (entity: EntityInput, codeId?: string, options?: ReadIn) =>
      on(options, (scope, workspace) => hasRedeemed(scope, workspace, entity, codeId)),
    /** What all codes together have brought. */
    totals: (options?: ReadIn) =>
      on(options, (scope, workspace) => referralTotals(scope, workspace)),
    /** The codes that are used most. */
    topCodes: (limit?: number, options?: ReadIn) =>
      on(options, (scope, workspace) => topCodes(scope, workspace, limit)),
    /** Who has referred most. */
    leaderboard: (limit?: number, options?: ReadIn) =>
      on(options, (scope, workspace) => referralLeaderboard(scope, workspace, limit)),
    /** What referrals earn, by rules. */
    rewards: createRewardCalls(on),
  };
}
