import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { paymentSourceNotFound } from './payment-sources.ts';
import type { PaymentSourceNotFound } from './payment-sources.ts';
import type { ReceivedPayment } from './payment-source.ts';
import { findPaymentSource, selectPaymentMessages } from './payment-store.ts';

export const paymentStatuses = ['waiting', 'applied', 'ignored', 'failed'] as const;

/** 50 messages to a page where no `limit` is given. */
export interface ListPaymentsInput extends Pick<PageInput, 'limit' | 'offset'> {
  readonly status?: ReceivedPayment['status'] | undefined;
}

/** What has arrived at a payment source and what became of it, newest first. */
export async function listPaymentMessages(
  context: Context,
  workspace: Workspace,
  sourceId: string,
  input: ListPaymentsInput = {},
): Promise<Result<readonly ReceivedPayment[], InvalidQuery | PaymentSourceNotFound>> {
  const { status } = input;
  const page = readPage(
    input,
    50,
    () => undefined,
    status === undefined || paymentStatuses.includes(status)
      ? {}
      : { status: [`must be one of ${paymentStatuses.join(', ')}`] },
  );
  if (!page.ok) return page;
  const { db } = context.database;
  if (!isUuid(sourceId) || (await findPaymentSource(db, workspace.id, sourceId)) === undefined)
    return paymentSourceNotFound();
  const { limit, offset } = page.value;
  return ok(await selectPaymentMessages(db, workspace.id, { limit, offset, sourceId, status }));
}
