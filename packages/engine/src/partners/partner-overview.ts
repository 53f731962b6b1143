import type { Context } from '../context.ts';
import { readBalances } from '../ledger/read-balances.ts';
import type { AccountBalance } from '../ledger/ledger-entry.ts';
import { isUuid } from '../kernel/id.ts';
import { orThrow } from '../kernel/result.ts';
import { shortUrl } from '../links/short-url.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { listCoupons } from './change-coupon.ts';
import { listCommissions } from './list-commissions.ts';
import type { CommissionNow } from './list-commissions.ts';
import { listPayouts } from './make-payouts.ts';
import { partnerType } from './partner-account.ts';
import {
  countReferrals,
  findPartnersOfPerson,
  selectPartnerLinks,
} from './partner-overview-store.ts';
import type { PartnerLink } from './partner-overview-store.ts';
import type { Payout } from './payout.ts';
import type { PartnerRow } from './partner-store.ts';

/** What a partner sees of themselves: nothing of the people whom they have brought. */
export interface PartnerOverview {
  readonly partner: { readonly id: string; readonly key: string; readonly name: string };
  readonly links: ReadonlyArray<PartnerLink & { readonly shortUrl: string }>;
  readonly coupons: readonly string[];
  readonly clicks: number;
  /** People who became leads, or registered. */
  readonly leads: number;
  /** People who bought something. */
  readonly customers: number;
  readonly balances: readonly AccountBalance[];
  /** The latest 20. */
  readonly commissions: ReadonlyArray<
    Pick<
      CommissionNow,
      'id' | 'trigger' | 'triggerAt' | 'unit' | 'grantedMinor' | 'netMinor' | 'status' | 'heldUntil'
    >
  >;
  /** The latest 20. */
  readonly payouts: ReadonlyArray<
    Pick<Payout, 'id' | 'unit' | 'amountMinor' | 'status' | 'createdAt' | 'settledAt'>
  >;
}

export type PartnersOfPerson = Awaited<ReturnType<typeof findPartnersOfPerson>>;

const latest = 20;

export async function partnerOverview(
  context: Context,
  workspace: Workspace,
  { id, key, name }: Pick<PartnerRow, 'id' | 'key' | 'name'>,
): Promise<PartnerOverview> {
  const { db, schema } = context.database;
  const links = await selectPartnerLinks(db, workspace.id, id);
  const counts = await countReferrals(db, schema, workspace.id, id);
  const account = { type: partnerType, id };
  const { commissions } = orThrow(
    await listCommissions(context, workspace, { partnerId: id, limit: latest }),
  );
  const { payouts } = orThrow(
    await listPayouts(context, workspace, { partnerId: id, limit: latest }),
  );
  return {
    partner: { id, key, name },
    links: links.map((link) => ({
      ...link,
      shortUrl: shortUrl(link, context.options.links?.scheme),
    })),
    coupons: (await listCoupons(context, workspace, id)).map(({ code }) => code),
    ...counts,
    balances: orThrow(await readBalances(context, workspace, account)),
    commissions,
    payouts,
  };
}

/** The first and the last partner who has brought a person; `undefined` where none has. */
export async function partnersOfPerson(
  context: Context,
  workspace: Workspace,
  visitorId: string,
): Promise<PartnersOfPerson> {
  const { db, schema } = context.database;
  return isUuid(visitorId) ? findPartnersOfPerson(db, schema, workspace.id, visitorId) : undefined;
}
