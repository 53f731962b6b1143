import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { cutPage, readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { commissionStatus, commissionStatuses } from './commission.ts';
import type { Commission, CommissionStatus } from './commission.ts';
import { findCommission, selectCommissions, totalCommissions } from './commission-store.ts';
import type { CommissionFilter } from './commission-store.ts';

export interface CommissionQuery {
  readonly partnerId?: string | undefined;
  readonly programId?: string | undefined;
  readonly status?: CommissionStatus | undefined;
  /** Only those with something suspicious about them, or only those without. @default both */
  readonly flagged?: boolean | undefined;
}

/** 50 to a page where no `limit` is given. */
export type ListCommissionsInput = CommissionQuery & PageInput;

/** A commission with what it is now. */
export interface CommissionNow extends Commission {
  readonly status: CommissionStatus;
}

export interface CommissionTotal {
  readonly unit: string;
  readonly commissions: number;
  readonly grantedMinor: bigint;
  /** What is left. */
  readonly netMinor: bigint;
}

export type CommissionNotFound = Refusal & { readonly code: 'commission_not_found' };

/** Commissions, newest first. */
export async function listCommissions(
  context: Context,
  workspace: Workspace,
  input: ListCommissionsInput = {},
): Promise<
  Result<
    {
      readonly commissions: readonly CommissionNow[];
      readonly nextCursor: string | undefined;
    },
    InvalidQuery
  >
> {
  const errors: Record<string, string[]> = {};
  const filter = readFilter(context, input, errors);
  const page = readPage(input, 50, readIdCursor, errors);
  if (!page.ok) return page;
  const { limit, offset, before } = page.value;
  const found = await selectCommissions(context.database.db, workspace.id, filter, {
    before,
    limit: limit + 1,
    offset,
  });
  const { rows, nextCursor } = cutPage(found, limit, ({ id }) => id);
  return ok({ commissions: rows.map((row) => showCommission(context, row)), nextCursor });
}

/** How many commissions there are and what is left of them, by currency. */
export async function commissionTotals(
  context: Context,
  workspace: Workspace,
  input: CommissionQuery = {},
): Promise<Result<readonly CommissionTotal[], InvalidQuery>> {
  const errors: Record<string, string[]> = {};
  const filter = readFilter(context, input, errors);
  const [problem] = Object.entries(errors);
  if (problem !== undefined)
    return refuse('invalid_query', `${problem[0]} ${problem[1][0]}.`, errors);
  return ok(await totalCommissions(context.database.db, workspace.id, filter));
}

export async function getCommission(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<CommissionNow | undefined> {
  const found = isUuid(id)
    ? await findCommission(context.database.db, workspace.id, id)
    : undefined;
  return found && showCommission(context, found);
}

export function commissionNotFound(): CommissionNotFound {
  return refuse('commission_not_found', 'No commission has this id.');
}

export function showCommission(
  { clock }: Pick<Context, 'clock'>,
  commission: Commission,
): CommissionNow {
  return { ...commission, status: commissionStatus(commission, clock.now()) };
}

function readFilter(
  { clock }: Pick<Context, 'clock'>,
  { partnerId, programId, status, flagged }: CommissionQuery,
  errors: Record<string, string[]>,
): CommissionFilter {
  if (partnerId !== undefined && !isUuid(partnerId)) errors['partnerId'] = ['must be a UUID'];
  if (programId !== undefined && !isUuid(programId)) errors['programId'] = ['must be a UUID'];
  if (status !== undefined && !commissionStatuses.includes(status))
    errors['status'] = [`must be one of ${commissionStatuses.join(', ')}`];
  return { partnerId, programId, status, flagged, now: new Date(clock.now()) };
}
