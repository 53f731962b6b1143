import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { cutPage, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput, TimeCursor } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { paymentSourceNotFound } from './payment-sources.ts';
import type { PaymentSourceNotFound } from './payment-sources.ts';
import type { ReceivedPayment } from './payment-source.ts';
import { findPaymentSource, selectPaymentMessages } from './payment-store.ts';

export const paymentStatuses = ['waiting', 'applied', 'ignored', 'failed'] as const;

/** 50 messages to a page where no `limit` is given. */
export interface ListPaymentsInput extends PageInput {
  readonly status?: ReceivedPayment['status'] | undefined;
}

export interface PaymentMessagePage {
  readonly messages: readonly ReceivedPayment[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** What has arrived at a payment source and what became of it, newest first. */
export async function listPaymentMessages(
  context: Context,
  workspace: Workspace,
  sourceId: string,
  input: ListPaymentsInput = {},
): Promise<Result<PaymentMessagePage, InvalidQuery | PaymentSourceNotFound>> {
  const { status } = input;
  const page = readPage(
    input,
    50,
    readCursor,
    status === undefined || paymentStatuses.includes(status)
      ? {}
      : { status: [`must be one of ${paymentStatuses.join(', ')}`] },
  );
  if (!page.ok) return page;
  const { db } = context.database;
  if (!isUuid(sourceId) || (await findPaymentSource(db, workspace.id, sourceId)) === undefined)
    return paymentSourceNotFound();
  const { limit } = page.value;
  const found = await selectPaymentMessages(db, workspace.id, {
    ...page.value,
    limit: limit + 1,
    sourceId,
    status,
  });
  const { rows, nextCursor } = cutPage(found, limit, cursorOf);
  return ok({ messages: rows, nextCursor });
}

/** Written so that any id can stand in a header and an address. */
function cursorOf({ receivedAt, id }: ReceivedPayment): string {
  return Buffer.from(`${receivedAt.getTime()}_${id}`).toString('base64url');
}

function readCursor(cursor: string): TimeCursor | undefined {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const [, time, id] = /^(\d{1,15})_(.+)$/s.exec(text) ?? [];
  // PostgreSQL stores no zero bytes.
  if (id === undefined || id.includes('\0')) return undefined;
  return { at: new Date(Number(time)), id };
}
