import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { payOut } from '../ledger/pay-out.ts';
import { readBalances } from '../ledger/read-balances.ts';
import { reverseIn } from '../ledger/reverse-entry.ts';
import { isUuid } from '../kernel/id.ts';
import { textProblem } from '../kernel/json-limits.ts';
import { isCurrency } from '../kernel/money.ts';
import { cutPage, readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok, orThrow, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField, refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { reporter } from '../referrals/create-code.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { lockCommissions } from './commission-progress-store.ts';
import { partnerType } from './partner-account.ts';
import { payoutStatuses } from './payout.ts';
import type { Payout, PayoutBatch, PayoutStatus } from './payout.ts';
import {
  findBatch,
  insertBatch,
  insertPayout,
  lockPayout,
  selectEarners,
  selectPayouts,
  updatePayout,
} from './payout-store.ts';

export interface MakePayoutsInput {
  /** Only partners of this programme. @default of all */
  readonly programId?: string | undefined;
  /** Only this currency. @default every one */
  readonly unit?: string | undefined;
  /** Who has less available gets it another time, in minor units. @default 1 */
  readonly minimumMinor?: bigint | undefined;
  /** At most 255 characters. */
  readonly note?: string | undefined;
}

export interface ListPayoutsInput extends PageInput {
  readonly partnerId?: string | undefined;
  readonly status?: PayoutStatus | undefined;
}

export interface MarkPayoutInput {
  readonly status: 'paid' | 'failed';
  /** What whoever moved the money calls it; at most 255 characters. */
  readonly reference?: string | undefined;
}

export type PayoutBatchNotFound = Refusal & { readonly code: 'payout_batch_not_found' };
export type PayoutNotFound = Refusal & { readonly code: 'payout_not_found' };
export type MarkPayoutRefusal =
  | ValidationRefusal
  | PayoutNotFound
  | (Refusal & { readonly code: 'payout_settled' });

const textLengthMax = 255;
const pageSize = 200;
const nil = '00000000-0000-0000-0000-000000000000';

/**
 * Takes what every partner has available from their balances, into payouts that wait to be paid. A partner who is
 * disabled keeps theirs; a batch may be empty.
 */
export async function makePayouts(
  context: Context,
  workspace: Workspace,
  input: MakePayoutsInput = {},
  options?: WriteOptions,
): Promise<Result<PayoutBatch, ValidationRefusal>> {
  const { programId, unit, minimumMinor = 1n, note } = input;
  const errors: Record<string, string[]> = {};
  const report = reporter(errors);
  if (programId !== undefined && !isUuid(programId)) report('programId', 'must be a UUID');
  if (unit !== undefined && !isCurrency(unit)) report('unit', 'must be a currency (ISO 4217)');
  if (typeof minimumMinor !== 'bigint' || minimumMinor < 1n)
    report('minimumMinor', 'must be 1 or more');
  if (note !== undefined) report('note', shortTextProblem(note));
  if (Object.keys(errors).length > 0) return refuseFields(errors);
  return inTransaction(context.database, options, async (tx) => {
    // What is settled meanwhile comes before or after the whole batch.
    await lockCommissions(tx, workspace.id);
    const now = context.clock.now();
    const batch = {
      id: context.createId(now),
      note: note ?? null,
      createdAt: new Date(now),
    };
    await insertBatch(tx, workspace.id, batch);
    const payouts: Payout[] = [];
    for (let after = nil; ;) {
      const ids = await selectEarners(tx, workspace.id, { programId, after, limit: pageSize });
      for (const partnerId of ids)
        payouts.push(...(await payPartner(context, tx, workspace, { partnerId, batch, input })));
      if (ids.length < pageSize) break;
      after = ids.at(-1)!;
    }
    await recordAudit(context, tx, {
      workspaceId: workspace.id,
      action: 'payout_batch.created',
      subject: { type: 'payout_batch', id: batch.id },
      changes: { payouts: { to: payouts.length } },
    });
    return ok({ ...batch, payouts });
  });
}

async function payPartner(
  context: Context,
  tx: Tx,
  workspace: Workspace,
  {
    partnerId,
    batch,
    input: { unit, minimumMinor = 1n },
  }: {
    readonly partnerId: string;
    readonly batch: Pick<PayoutBatch, 'id' | 'createdAt'>;
    readonly input: MakePayoutsInput;
  },
): Promise<Payout[]> {
  const account = { type: partnerType, id: partnerId };
  const inside = { ...context, database: { ...context.database, db: tx } };
  const payouts: Payout[] = [];
  for (const balance of orThrow(await readBalances(inside, workspace, account))) {
    if (unit !== undefined && balance.unit !== unit) continue;
    if (balance.availableMinor < minimumMinor) continue;
    const id = context.createId(context.clock.now());
    const { entry } = orThrow(
      await payOut(
        context,
        workspace,
        {
          account,
          unit: balance.unit,
          amountMinor: balance.availableMinor,
          idempotencyKey: `payout:${id}`,
          reference: { type: 'payout', id },
        },
        { tx },
      ),
    );
    const payout: Payout = {
      id,
      batchId: batch.id,
      partnerId,
      unit: balance.unit,
      amountMinor: balance.availableMinor,
      status: 'pending',
      entryId: entry.id,
      reference: null,
      createdAt: batch.createdAt,
      settledAt: null,
    };
    await insertPayout(tx, workspace.id, payout);
    payouts.push(payout);
  }
  return payouts;
}

/** Notes that a payout was paid; or that it failed, which gives it back to the balance. The same again changes nothing. */
export async function markPayout(
  context: Context,
  workspace: Workspace,
  id: string,
  { status, reference }: MarkPayoutInput,
  options?: WriteOptions,
): Promise<Result<Payout, MarkPayoutRefusal>> {
  if (!['paid', 'failed'].includes(status)) return refuseField('status', 'must be paid or failed');
  const problem = reference === undefined ? undefined : shortTextProblem(reference);
  if (problem !== undefined) return refuseField('reference', problem);
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<Payout, MarkPayoutRefusal>> => {
      const before = isUuid(id) ? await lockPayout(tx, workspace.id, id) : undefined;
      if (before === undefined) return refuse('payout_not_found', 'No payout has this id.');
      if (before.status === status) return ok(before);
      if (before.status !== 'pending')
        return refuse('payout_settled', `The payout is ${before.status} already.`);
      const settledAt = new Date(context.clock.now());
      const after = { ...before, status, settledAt, reference: reference ?? before.reference };
      await updatePayout(tx, workspace.id, after);
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'payout.updated',
        subject: { type: 'payout', id: before.id },
        changes: { status: { from: before.status, to: status } },
      });
      if (status === 'failed')
        orThrow(
          await reverseIn(context, tx, workspace, {
            entryId: before.entryId,
            amountMinor: undefined,
            key: `payout_failed:${before.id}`,
          }),
        );
      return ok(after);
    },
  );
}

/** A batch with its payouts. */
export async function getPayoutBatch(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<PayoutBatch | undefined> {
  return isUuid(id) ? findBatch(context.database.db, workspace.id, id) : undefined;
}

/** Payouts, newest first; 50 to a page where no `limit` is given. */
export async function listPayouts(
  context: Context,
  workspace: Workspace,
  input: ListPayoutsInput = {},
): Promise<
  Result<
    { readonly payouts: readonly Payout[]; readonly nextCursor: string | undefined },
    InvalidQuery
  >
> {
  const { partnerId, status } = input;
  const errors: Record<string, string[]> = {};
  if (partnerId !== undefined && !isUuid(partnerId)) errors['partnerId'] = ['must be a UUID'];
  if (status !== undefined && !payoutStatuses.includes(status))
    errors['status'] = [`must be one of ${payoutStatuses.join(', ')}`];
  const page = readPage(input, 50, readIdCursor, errors);
  if (!page.ok) return page;
  const { limit, offset, before } = page.value;
  const filter = { partnerId, status, before, offset, limit: limit + 1 };
  const found = await selectPayouts(context.database.db, workspace.id, filter);
  const { rows, nextCursor } = cutPage(found, limit, (row) => row.id);
  return ok({ payouts: rows, nextCursor });
}

export function batchNotFound(): PayoutBatchNotFound {
  return refuse('payout_batch_not_found', 'No batch of payouts has this id.');
}

function shortTextProblem(text: unknown): string | undefined {
  if (typeof text !== 'string' || text === '' || text.length > textLengthMax)
    return `must have 1 to ${textLengthMax} characters`;
  return textProblem(text);
}
