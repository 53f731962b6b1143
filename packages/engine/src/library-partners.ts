import { idOf } from './invitations/get-invitation.ts';
import type { SettleOptions } from './ledger/settle-by-position.ts';
import type { InWorkspace, On, ReadIn, WriteIn } from './library-scope.ts';
import type { Duration } from './kernel/clock.ts';
import { addCoupon, archiveCoupon, listCoupons } from './partners/change-coupon.ts';
import { archivePartner, createPartner, updatePartner } from './partners/change-partner.ts';
import type { CreatePartnerInput } from './partners/change-partner.ts';
import {
  archiveProgram,
  createProgram,
  listPrograms,
  listProgramVersions,
  updateProgram,
} from './partners/change-program.ts';
import type { CreateProgramInput, ProgramFields } from './partners/change-program.ts';
import { decideCommission } from './partners/decide-commission.ts';
import type { DecideCommissionInput } from './partners/decide-commission.ts';
import { duePayouts } from './partners/due-payouts.ts';
import type { DuePayoutsQuery } from './partners/due-payouts.ts';
import { exportPayouts } from './partners/export-payouts.ts';
import { getPartner, getPartnerByKey, listPartners } from './partners/get-partner.ts';
import type { ListPartnersInput } from './partners/get-partner.ts';
import { commissionTotals, getCommission, listCommissions } from './partners/list-commissions.ts';
import type { CommissionQuery, ListCommissionsInput } from './partners/list-commissions.ts';
import { getPayoutBatch, listPayouts, makePayouts, markPayout } from './partners/make-payouts.ts';
import type {
  ListPayoutsInput,
  MakePayoutsInput,
  MarkPayoutInput,
} from './partners/make-payouts.ts';
import { partnerOverview, partnersOfPerson } from './partners/partner-overview.ts';
import type { Partner, PartnerFields } from './partners/partner.ts';
import { createPartnerToken, endPartnerTokens } from './partners/partner-token.ts';
import { simulateProgram } from './partners/simulate-program.ts';
import type { SimulateProgramInput } from './partners/simulate-program.ts';
import { settleCommissions } from './partners/settle-commissions.ts';

type Named = string | { readonly id: string };

/** `hw.partners`. */
export function createPartnerCalls(on: On) {
  const named = (thing: Named): string => idOf(thing) ?? '';
  return {
    /** Makes a partner. */
    create: (input: CreatePartnerInput, options?: WriteIn) =>
      on(options, (scope, workspace) => createPartner(scope, workspace, input, options)),
    get: (id: string, options?: ReadIn) =>
      on(options, (scope, workspace) => getPartner(scope, workspace, id)),
    /** However it is typed. */
    getByKey: (key: string, options?: ReadIn) =>
      on(options, (scope, workspace) => getPartnerByKey(scope, workspace, key)),
    /** Newest first and without the archived ones, unless they are asked for. */
    list: (input: ListPartnersInput = {}, options?: ReadIn) =>
      on(options, (scope, workspace) => listPartners(scope, workspace, input)),
    /** Changes what is given; `null` empties a field. The key stays. */
    update: (partner: Named, fields: PartnerFields, options?: WriteIn) =>
      on(options, (scope, workspace) =>
        updatePartner(scope, workspace, named(partner), fields, options),
      ),
    /** Ends a partner and frees the key; what was earned stays. */
    archive: (partner: Named, options?: WriteIn) =>
      on(options, (scope, workspace) => archivePartner(scope, workspace, named(partner), options)),
    /** What a partner sees: links, clicks, referrals and earnings. */
    overview: (partner: Partner, options?: ReadIn) =>
      on(options, (scope, workspace) => partnerOverview(scope, workspace, partner)),
    /** The first and the last partner who has brought a person; `undefined` where none has. */
    ofVisitor: (visitor: Named, options?: ReadIn) =>
      on(options, (scope, workspace) => partnersOfPerson(scope, workspace, named(visitor))),
    /** A token for the partner's page, `{base}/partner?token=…`; it ends after an hour unless something else is asked for. */
    createToken: (
      partner: Named,
      input: { readonly expiresIn?: Duration } = {},
      options?: ReadIn,
    ) =>
      on(options, (scope, workspace) =>
        createPartnerToken(scope, workspace, named(partner), input),
      ),
    /** Ends every token of a partner. */
    endTokens: (partner: Named, options?: WriteIn) =>
      on(options, (scope, workspace) =>
        endPartnerTokens(scope, workspace, named(partner), options),
      ),
    coupons: {
      /** Sales that a server tells with the code are the partner's. */
      add: (partner: Named, code: string, options?: WriteIn) =>
        on(options, (scope, workspace) =>
          addCoupon(scope, workspace, named(partner), code, options),
        ),
      /** Newest first. */
      list: (partner: Named, options?: ReadIn) =>
        on(options, (scope, workspace) => listCoupons(scope, workspace, named(partner))),
      /** Ends a coupon and frees its code. */
      archive: (partner: Named, coupon: Named, options?: WriteIn) =>
        on(options, (scope, workspace) =>
          archiveCoupon(scope, workspace, named(partner), named(coupon), options),
        ),
    },
    programs: {
      /** Makes a programme; it counts for what happens from now on. */
      create: (input: CreateProgramInput, options?: WriteIn) =>
        on(options, (scope, workspace) => createProgram(scope, workspace, input, options)),
      /** Makes the next version of a programme. */
      update: (program: Named, fields: ProgramFields, options?: WriteIn) =>
        on(options, (scope, workspace) =>
          updateProgram(scope, workspace, named(program), fields, options),
        ),
      /** Ends a programme; what was earned stays. */
      archive: (program: Named, options?: WriteIn) =>
        on(options, (scope, workspace) =>
          archiveProgram(scope, workspace, named(program), options),
        ),
      /** As they are now, newest first. */
      list: (input: { readonly archived?: boolean } = {}, options?: ReadIn) =>
        on(options, (scope, workspace) => listPrograms(scope, workspace, input)),
      /** What partners would have earned in a period by a draft of a programme, beside what they have. */
      simulate: (program: Named, input: SimulateProgramInput, options?: ReadIn) =>
        on(options, (scope, workspace) => simulateProgram(scope, workspace, named(program), input)),
      /** Oldest first. */
      versions: (program: Named, options?: ReadIn) =>
        on(options, (scope, workspace) => listProgramVersions(scope, workspace, named(program))),
    },
    commissions: {
      /** Newest first. */
      list: (input: ListCommissionsInput = {}, options?: ReadIn) =>
        on(options, (scope, workspace) => listCommissions(scope, workspace, input)),
      get: (id: string, options?: ReadIn) =>
        on(options, (scope, workspace) => getCommission(scope, workspace, id)),
      /** How many there are and what is left of them, by currency. */
      totals: (input: CommissionQuery = {}, options?: ReadIn) =>
        on(options, (scope, workspace) => commissionTotals(scope, workspace, input)),
      /** Approves a commission, or rejects it. */
      decide: (
        commission: Named,
        input: DecideCommissionInput,
        options?: WriteIn & { readonly actor?: string },
      ) =>
        on(options, (scope, workspace) =>
          decideCommission(scope, workspace, named(commission), input, options),
        ),
      /** Writes what is due now, instead of a moment later in the background. */
      settle: (options?: InWorkspace & SettleOptions) =>
        on(options, (scope, workspace) => settleCommissions(scope, workspace, options)),
    },
    payouts: {
      /** Takes what partners have available from their balances, to be paid. */
      make: (input: MakePayoutsInput = {}, options?: WriteIn) =>
        on(options, (scope, workspace) => makePayouts(scope, workspace, input, options)),
      /** What a batch would take now, by partner and currency. */
      due: (input: DuePayoutsQuery = {}, options?: ReadIn) =>
        on(options, (scope, workspace) => duePayouts(scope, workspace, input)),
      batch: (id: string, options?: ReadIn) =>
        on(options, (scope, workspace) => getPayoutBatch(scope, workspace, id)),
      /** The payouts of a batch with whom they are for, page by page; `undefined` where there is no such batch. */
      export: (batch: Named, options?: InWorkspace) =>
        on(options, (scope, workspace) => exportPayouts(scope, workspace, named(batch))),
      /** Newest first. */
      list: (input: ListPayoutsInput = {}, options?: ReadIn) =>
        on(options, (scope, workspace) => listPayouts(scope, workspace, input)),
      /** Notes that a payout was paid; or that it failed, which gives it back. */
      mark: (payout: Named, input: MarkPayoutInput, options?: WriteIn) =>
        on(options, (scope, workspace) =>
          markPayout(scope, workspace, named(payout), input, options),
        ),
    },
  };
}
