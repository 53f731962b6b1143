import * as z from 'zod';

import { idOut, instant, pageQuery, text, timestampOut, uuid } from '../http/fields-schema.ts';
import type { ExportShape } from '../http/export-stream.ts';
import {
  entity,
  entityId,
  entityTypeOf,
  hasIdOfType,
  storedEntity,
} from '../invitations/invitation-schema.ts';
import { given } from '../kernel/given.ts';
import { amountMinorMax } from '../kernel/money.ts';
import type { AdjustAccountInput } from './adjust-account.ts';
import { entryKinds } from './ledger-entry.ts';
import type { AccountBalance, LedgerEntry } from './ledger-entry.ts';
import type { EntryQuery } from './list-entries.ts';
import type { PayOutInput } from './pay-out.ts';
import type { ReverseEntryInput } from './reverse-entry.ts';

export const entryIdParams = z.object({ id: uuid });

const unit = z.string().meta({
  description: 'A currency (ISO 4217), or a unit of your own in lower case, without decimals',
  example: 'USD',
});
/** Every amount that a ledger takes is exact as a number. */
const size = Number(amountMinorMax);
const part = z.int().min(1).max(size).optional();
const note = z.string().optional();
const idempotencyKey = text(255).meta({
  description: 'Names the entry: sent again, it is the same',
});

export const adjustmentParams = z
  .strictObject({
    account: entity,
    unit,
    amount: z.int().min(-size).max(size).meta({
      description: 'Minor units; a negative amount takes',
      example: 500,
    }),
    idempotency_key: idempotencyKey,
    held_until: instant.optional(),
    description: note,
  })
  .meta({ id: 'LedgerAdjustmentParams' });

export const payoutParams = z
  .strictObject({
    account: entity,
    unit,
    amount: part.meta({ description: 'Minor units. Default: all that is available' }),
    idempotency_key: idempotencyKey,
    description: note,
  })
  .meta({ id: 'LedgerPayoutParams' });

export const reversalParams = z
  .strictObject({
    amount: part.meta({ description: 'Minor units. Default: all that is left' }),
    idempotency_key: idempotencyKey.optional().meta({ description: 'Needed with an amount' }),
    description: note,
  })
  .meta({ id: 'LedgerReversalParams' });

const filters = {
  account_type: entityTypeOf('account_id'),
  account_id: entityId.optional(),
  unit: unit.optional(),
  kind: z.enum(entryKinds).optional(),
  reference_id: uuid.optional().meta({ description: 'What it is for: a reward, say' }),
};
const hasAccount = hasIdOfType('account_type', 'account_id');

export const entryQuery = z.strictObject({ ...pageQuery(50), ...filters }).refine(...hasAccount);
export const entryExportQuery = z
  .strictObject({ ...filters, format: z.enum(['csv', 'ndjson']).default('csv') })
  .refine(...hasAccount);
export const balanceQuery = z.strictObject({
  account_type: z.string().default('user'),
  account_id: entityId,
});

const amountOut = z.number().meta({ type: 'integer', description: 'Minor units', example: 500 });

export const entryResponse = z
  .object({
    id: idOut,
    account: storedEntity,
    unit,
    amount: amountOut,
    kind: z.enum(entryKinds),
    held_until: timestampOut.nullable(),
    reverses_id: idOut.nullable(),
    reference_type: z.string().nullable(),
    reference_id: idOut.nullable(),
    description: z.string().nullable(),
    occurred_at: timestampOut,
    recorded_at: timestampOut,
  })
  .meta({ id: 'LedgerEntry' });

export const appendedResponse = z
  .object({ entry: entryResponse, repeated: z.boolean() })
  .meta({ id: 'LedgerEntryAnswer' });

export const balanceResponse = z
  .object({
    unit,
    balance: amountOut,
    held: amountOut,
    available: amountOut,
    paid: amountOut,
  })
  .meta({ id: 'LedgerBalance' });

export function toAdjustment(body: z.output<typeof adjustmentParams>): AdjustAccountInput {
  return {
    account: body.account,
    unit: body.unit,
    amountMinor: BigInt(body.amount),
    idempotencyKey: body.idempotency_key,
    heldUntil: body.held_until,
    description: body.description,
  };
}

export function toPayout(body: z.output<typeof payoutParams>): PayOutInput {
  return {
    account: body.account,
    unit: body.unit,
    amountMinor: toAmount(body.amount),
    idempotencyKey: body.idempotency_key,
    description: body.description,
  };
}

export function toReversal(body: z.output<typeof reversalParams>): ReverseEntryInput {
  return {
    amountMinor: toAmount(body.amount),
    idempotencyKey: body.idempotency_key,
    description: body.description,
  };
}

function toAmount(amount: number | undefined): bigint | undefined {
  return amount === undefined ? undefined : BigInt(amount);
}

export function toEntryQuery(query: {
  readonly account_type?: string | undefined;
  readonly account_id?: string | undefined;
  readonly unit?: string | undefined;
  readonly kind?: EntryQuery['kind'];
  readonly reference_id?: string | undefined;
}): EntryQuery {
  const { account_type: type = 'user', account_id: id, unit: of, kind, reference_id } = query;
  return given({
    account: id === undefined ? undefined : { type, id },
    unit: of,
    kind,
    referenceId: reference_id,
  });
}

/** What the library calls a field of a body, and how the wire does. */
export const bodyFields = {
  amountMinor: 'amount',
  idempotencyKey: 'idempotency_key',
  heldUntil: 'held_until',
} as const;

/** The same of a query, whose account is two fields. */
export const queryFields = { account: 'account_id', referenceId: 'reference_id' } as const;

export function toEntryResponse(entry: LedgerEntry): z.input<typeof entryResponse> {
  return {
    id: entry.id,
    account: { type: entry.account.type, id: entry.account.id ?? null },
    unit: entry.unit,
    amount: Number(entry.amountMinor),
    kind: entry.kind,
    held_until: entry.heldUntil?.toISOString() ?? null,
    reverses_id: entry.reversesId,
    reference_type: entry.reference?.type ?? null,
    reference_id: entry.reference?.id ?? null,
    description: entry.description,
    occurred_at: entry.occurredAt.toISOString(),
    recorded_at: entry.recordedAt.toISOString(),
  };
}

export function toBalanceResponse(balance: AccountBalance): z.input<typeof balanceResponse> {
  return {
    unit: balance.unit,
    balance: Number(balance.balanceMinor),
    held: Number(balance.heldMinor),
    available: Number(balance.availableMinor),
    paid: Number(balance.paidMinor),
  };
}

/** CSV: a header and the same fields. */
export const entryExport = z.string();

const columns = [
  'id',
  'account_type',
  'account_id',
  ...Object.keys(entryResponse.shape).filter((field) => field !== 'id' && field !== 'account'),
];

/** Entries as lines of a file, the account in two columns. */
export const entryShape: ExportShape<LedgerEntry> = {
  columns,
  cells(entry) {
    const { account, ...fields } = toEntryResponse(entry);
    const row: Record<string, string | number | null> = {
      ...fields,
      account_type: account.type,
      account_id: account.id,
    };
    return columns.map((column) => row[column]);
  },
  document: toEntryResponse,
};
