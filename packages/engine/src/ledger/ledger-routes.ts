import { exportStream, exportTypes } from '../http/export-stream.ts';
import { answer, defineRoute } from '../http/route.ts';
import { renameFields } from '../kernel/validation.ts';
import { adjustAccount } from './adjust-account.ts';
import {
  adjustmentParams,
  appendedResponse,
  balanceQuery,
  balanceResponse,
  bodyFields,
  entryExport,
  entryExportQuery,
  entryIdParams,
  entryQuery,
  entryResponse,
  entryShape,
  queryFields,
  payoutParams,
  reversalParams,
  toAdjustment,
  toBalanceResponse,
  toEntryQuery,
  toEntryResponse,
  toPayout,
  toReversal,
} from './ledger-schema.ts';
import { exportEntries, getEntry, listEntries } from './list-entries.ts';
import type { AppendedEntry } from './append-entry.ts';
import { payOut } from './pay-out.ts';
import { readBalances } from './read-balances.ts';
import { entryNotFound, reverseEntry } from './reverse-entry.ts';

const tag = 'Ledger';
const written = {
  201: { description: 'The entry', schema: appendedResponse },
  200: { description: 'The entry that the same key has made before', schema: appendedResponse },
};

const balances = defineRoute({
  method: 'get',
  path: '/ledger/balances',
  operationId: 'getLedgerBalances',
  tag,
  summary: 'What an account has, of each unit',
  scope: 'read',
  query: balanceQuery,
  responses: { 200: { description: 'By unit', schema: balanceResponse.array() } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const account = { type: query.account_type, id: query.account_id };
    const found = await readBalances(context, workspace, account);
    return found.ok
      ? answer(200, found.value.map(toBalanceResponse))
      : renameFields(found, queryFields);
  },
});

const list = defineRoute({
  method: 'get',
  path: '/ledger/entries',
  operationId: 'listLedgerEntries',
  tag,
  summary: 'Entries of the ledger, newest first',
  scope: 'read',
  query: entryQuery,
  responses: { 200: { description: 'The entries', schema: entryResponse.array(), paged: true } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const { limit, offset, cursor } = query;
    const input = { ...toEntryQuery(query), limit, offset, cursor };
    const found = await listEntries(context, workspace, input);
    if (!found.ok) return renameFields(found, queryFields);
    return answer(200, found.value.entries.map(toEntryResponse), found.value);
  },
});

const exported = defineRoute({
  method: 'get',
  path: '/ledger/entries/export',
  operationId: 'exportLedgerEntries',
  tag,
  summary: 'Every entry as CSV or NDJSON, oldest first',
  scope: 'read',
  query: entryExportQuery,
  responses: {
    200: {
      description: 'The entries, while they are read',
      contents: { 'application/x-ndjson': entryResponse, 'text/csv': entryExport },
    },
  },
  refusals: ['invalid_query'],
  handle(context, workspace, { query }) {
    const { format } = query;
    const pages = exportEntries(context, workspace, toEntryQuery(query));
    return Promise.resolve(
      pages.ok
        ? answer(200, undefined, {
            content: exportStream(format, entryShape, pages.value),
            headers: { 'content-type': exportTypes[format] },
          })
        : renameFields(pages, queryFields),
    );
  },
});

const get = defineRoute({
  method: 'get',
  path: '/ledger/entries/{id}',
  operationId: 'getLedgerEntry',
  tag,
  summary: 'Get an entry of the ledger',
  scope: 'read',
  params: entryIdParams,
  responses: { 200: { description: 'The entry', schema: entryResponse } },
  refusals: ['entry_not_found'],
  async handle(context, workspace, { params }) {
    const found = await getEntry(context, workspace, params.id);
    return found === undefined ? entryNotFound() : answer(200, toEntryResponse(found));
  },
});

const adjust = defineRoute({
  method: 'post',
  path: '/ledger/adjustments',
  operationId: 'adjustLedgerAccount',
  tag,
  summary: 'Give an account something, or take it, by hand',
  scope: 'write',
  body: adjustmentParams,
  responses: written,
  refusals: ['validation_failed', 'idempotency_conflict', 'visitor_erased', 'visitor_not_found'],
  async handle(context, workspace, { body, options }) {
    const made = await adjustAccount(context, workspace, toAdjustment(body), options);
    return made.ok ? answerWritten(made.value) : renameFields(made, bodyFields);
  },
});

const payout = defineRoute({
  method: 'post',
  path: '/ledger/payouts',
  operationId: 'payOutLedgerAccount',
  tag,
  summary: 'Note that an account was paid out: at most what is available',
  scope: 'write',
  body: payoutParams,
  responses: written,
  refusals: [
    'validation_failed',
    'idempotency_conflict',
    'insufficient_balance',
    'visitor_erased',
    'visitor_not_found',
  ],
  async handle(context, workspace, { body, options }) {
    const made = await payOut(context, workspace, toPayout(body), options);
    return made.ok ? answerWritten(made.value) : renameFields(made, bodyFields);
  },
});

const reverse = defineRoute({
  method: 'post',
  path: '/ledger/entries/{id}/reverse',
  operationId: 'reverseLedgerEntry',
  tag,
  summary: 'Take an entry back, in whole or in part',
  scope: 'write',
  params: entryIdParams,
  body: reversalParams,
  emptyBody: {},
  responses: written,
  refusals: [
    'validation_failed',
    'idempotency_conflict',
    'entry_not_found',
    'entry_not_reversible',
    'entry_reversed',
    'reversal_too_large',
  ],
  async handle(context, workspace, { params, body, options }) {
    const made = await reverseEntry(context, workspace, params.id, toReversal(body), options);
    return made.ok ? answerWritten(made.value) : renameFields(made, bodyFields);
  },
});

export const ledgerRoutes = [balances, list, exported, get, adjust, payout, reverse];

function answerWritten({ entry, repeated }: AppendedEntry) {
  return answer(repeated ? 200 : 201, { entry: toEntryResponse(entry), repeated });
}
