import { exportStream, exportTypes } from '../http/export-stream.ts';
import { answer, defineRoute } from '../http/route.ts';
import type { Refusal } from '../kernel/result.ts';
import { refuseFields, renameFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import {
  archiveProgram,
  createProgram,
  listPrograms,
  listProgramVersions,
  programNotFound,
  updateProgram,
} from './change-program.ts';
import {
  batchExportQuery,
  batchParams,
  batchResponse,
  commissionFields,
  commissionQuery,
  commissionResponse,
  commissionTotalsQuery,
  commissionTotalsResponse,
  decisionParams,
  dueQuery,
  dueResponse,
  payoutLineResponse,
  payoutQuery,
  payoutResponse,
  payoutShape,
  payoutUpdateParams,
  programIdParams,
  programParams,
  programQuery,
  programResponse,
  programUpdateParams,
  simulationParams,
  simulationResponse,
  toBatchResponse,
  toCommissionQuery,
  toCommissionResponse,
  toCommissionTotalsResponse,
  toDueQuery,
  toDueResponse,
  toPayoutResponse,
  toProgramFields,
  toProgramInput,
  toProgramResponse,
  toSimulation,
  toSimulationResponse,
} from './commission-schema.ts';
import { decideCommission } from './decide-commission.ts';
import { duePayouts } from './due-payouts.ts';
import { exportPayouts } from './export-payouts.ts';
import {
  commissionNotFound,
  commissionTotals,
  getCommission,
  listCommissions,
} from './list-commissions.ts';
import {
  batchNotFound,
  getPayoutBatch,
  listPayouts,
  makePayouts,
  markPayout,
} from './make-payouts.ts';
import { simulateProgram } from './simulate-program.ts';

const tag = 'Partners';
const params = programIdParams;

const create = defineRoute({
  method: 'post',
  path: '/partner-programs',
  operationId: 'createPartnerProgram',
  tag,
  summary: 'Make a programme of commissions; it counts from now on',
  scope: 'write',
  body: programParams,
  responses: { 201: { description: 'The programme', schema: programResponse } },
  refusals: ['validation_failed'],
  async handle(context, workspace, { body, options }) {
    const made = await createProgram(context, workspace, toProgramInput(body), options);
    return made.ok ? answer(201, toProgramResponse(made.value)) : onWire(made);
  },
});

const list = defineRoute({
  method: 'get',
  path: '/partner-programs',
  operationId: 'listPartnerPrograms',
  tag,
  summary: 'The programmes as they are now, newest first',
  scope: 'read',
  query: programQuery,
  responses: { 200: { description: 'The programmes', schema: programResponse.array() } },
  async handle(context, workspace, { query }) {
    const archived = query.archived === 'true';
    const found = await listPrograms(context, workspace, { archived });
    return answer(200, found.map(toProgramResponse));
  },
});

const get = defineRoute({
  method: 'get',
  path: '/partner-programs/{id}',
  operationId: 'getPartnerProgram',
  tag,
  summary: 'Get a programme as it is now',
  scope: 'read',
  params,
  responses: { 200: { description: 'The programme', schema: programResponse } },
  refusals: ['program_not_found'],
  async handle(context, workspace, request) {
    const found = (await listProgramVersions(context, workspace, request.params.id)).at(-1);
    return found === undefined ? programNotFound() : answer(200, toProgramResponse(found));
  },
});

const versions = defineRoute({
  method: 'get',
  path: '/partner-programs/{id}/versions',
  operationId: 'listPartnerProgramVersions',
  tag,
  summary: 'Every version of a programme, oldest first',
  scope: 'read',
  params,
  responses: { 200: { description: 'The versions', schema: programResponse.array() } },
  refusals: ['program_not_found'],
  async handle(context, workspace, request) {
    const found = await listProgramVersions(context, workspace, request.params.id);
    return found.length === 0 ? programNotFound() : answer(200, found.map(toProgramResponse));
  },
});

const update = defineRoute({
  method: 'patch',
  path: '/partner-programs/{id}',
  operationId: 'updatePartnerProgram',
  tag,
  summary: 'Make the next version of a programme; what happened before goes by the one before',
  scope: 'write',
  params,
  body: programUpdateParams,
  responses: { 200: { description: 'The new version', schema: programResponse } },
  refusals: ['validation_failed', 'program_not_found'],
  async handle(context, workspace, { params: { id }, body, options }) {
    const made = await updateProgram(context, workspace, id, toProgramFields(body), options);
    return made.ok ? answer(200, toProgramResponse(made.value)) : onWire(made);
  },
});

const archive = defineRoute({
  method: 'delete',
  path: '/partner-programs/{id}',
  operationId: 'archivePartnerProgram',
  tag,
  summary: 'End a programme; what was earned stays',
  scope: 'write',
  params,
  responses: { 204: { description: 'Ended' } },
  refusals: ['program_not_found'],
  async handle(context, workspace, { params: { id }, options }) {
    const archived = await archiveProgram(context, workspace, id, options);
    return archived.ok ? answer(204) : archived;
  },
});

const simulate = defineRoute({
  method: 'post',
  path: '/partner-programs/{id}/simulation',
  operationId: 'simulatePartnerProgram',
  tag,
  summary: 'What partners would have earned in a period by a draft, beside what they have',
  scope: 'read',
  params,
  body: simulationParams,
  responses: { 200: { description: 'By partner and currency', schema: simulationResponse } },
  refusals: ['validation_failed', 'program_not_found'],
  async handle(context, workspace, { params: { id }, body }) {
    const found = await simulateProgram(context, workspace, id, toSimulation(body));
    return found.ok ? answer(200, toSimulationResponse(found.value)) : onWire(found);
  },
});

const commissions = defineRoute({
  method: 'get',
  path: '/commissions',
  operationId: 'listCommissions',
  tag,
  summary: 'Commissions, newest first',
  scope: 'read',
  query: commissionQuery,
  responses: {
    200: { description: 'The commissions', schema: commissionResponse.array(), paged: true },
  },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const { limit, offset, cursor } = query;
    const input = { ...toCommissionQuery(query), limit, offset, cursor };
    const found = await listCommissions(context, workspace, input);
    if (!found.ok) return renameFields(found, commissionFields);
    return answer(200, found.value.commissions.map(toCommissionResponse), found.value);
  },
});

const totals = defineRoute({
  method: 'get',
  path: '/commissions/totals',
  operationId: 'getCommissionTotals',
  tag,
  summary: 'How many commissions there are and what is left of them, by currency',
  scope: 'read',
  query: commissionTotalsQuery,
  responses: { 200: { description: 'The totals', schema: commissionTotalsResponse } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const found = await commissionTotals(context, workspace, toCommissionQuery(query));
    return found.ok
      ? answer(200, toCommissionTotalsResponse(found.value))
      : renameFields(found, commissionFields);
  },
});

const commission = defineRoute({
  method: 'get',
  path: '/commissions/{id}',
  operationId: 'getCommission',
  tag,
  summary: 'Get a commission, with what is suspicious about it',
  scope: 'read',
  params,
  responses: { 200: { description: 'The commission', schema: commissionResponse } },
  refusals: ['commission_not_found'],
  async handle(context, workspace, request) {
    const found = await getCommission(context, workspace, request.params.id);
    return found === undefined ? commissionNotFound() : answer(200, toCommissionResponse(found));
  },
});

const decide = defineRoute({
  method: 'post',
  path: '/commissions/{id}/decision',
  operationId: 'decideCommission',
  tag,
  summary: 'Approve a commission, or reject it; what it is worth follows at once',
  scope: 'write',
  params,
  body: decisionParams,
  responses: { 200: { description: 'The commission', schema: commissionResponse } },
  refusals: ['validation_failed', 'commission_not_found'],
  async handle(context, workspace, { params: { id }, body, options, actor }) {
    const input = { decision: body.decision, note: body.note };
    const decided = await decideCommission(context, workspace, id, input, { ...options, actor });
    return decided.ok ? answer(200, toCommissionResponse(decided.value)) : decided;
  },
});

const makeBatch = defineRoute({
  method: 'post',
  path: '/payout-batches',
  operationId: 'createPayoutBatch',
  tag,
  summary: 'Take what partners have available from their balances, to be paid',
  scope: 'write',
  body: batchParams,
  emptyBody: {},
  responses: { 201: { description: 'The batch; it may be empty', schema: batchResponse } },
  refusals: ['validation_failed'],
  async handle(context, workspace, { body, options }) {
    const { program_id: programId, unit, minimum, note } = body;
    const minimumMinor = minimum === undefined ? undefined : BigInt(minimum);
    const input = { programId, unit, minimumMinor, note };
    const made = await makePayouts(context, workspace, input, options);
    return made.ok ? answer(201, toBatchResponse(made.value)) : onWire(made);
  },
});

const batch = defineRoute({
  method: 'get',
  path: '/payout-batches/{id}',
  operationId: 'getPayoutBatch',
  tag,
  summary: 'Get a batch with its payouts',
  scope: 'read',
  params,
  responses: { 200: { description: 'The batch', schema: batchResponse } },
  refusals: ['payout_batch_not_found'],
  async handle(context, workspace, request) {
    const found = await getPayoutBatch(context, workspace, request.params.id);
    return found === undefined ? batchNotFound() : answer(200, toBatchResponse(found));
  },
});

const exported = defineRoute({
  method: 'get',
  path: '/payout-batches/{id}/export',
  operationId: 'exportPayoutBatch',
  tag,
  summary: 'The payouts of a batch as CSV or NDJSON, for whoever pays them',
  scope: 'read',
  params,
  query: batchExportQuery,
  responses: {
    200: {
      description: 'The payouts, with whom they are for',
      contents: { 'text/csv': payoutLineResponse, 'application/x-ndjson': payoutLineResponse },
    },
  },
  refusals: ['payout_batch_not_found'],
  async handle(context, workspace, { params: { id }, query: { format = 'csv' } }) {
    const pages = await exportPayouts(context, workspace, id);
    if (pages === undefined) return batchNotFound();
    return answer(200, undefined, {
      content: exportStream(format, payoutShape, pages),
      headers: { 'content-type': exportTypes[format] },
    });
  },
});

const payouts = defineRoute({
  method: 'get',
  path: '/payouts',
  operationId: 'listPayouts',
  tag,
  summary: 'Payouts, newest first',
  scope: 'read',
  query: payoutQuery,
  responses: { 200: { description: 'The payouts', schema: payoutResponse.array(), paged: true } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const { partner_id: partnerId, ...rest } = query;
    const found = await listPayouts(context, workspace, { ...rest, partnerId });
    if (!found.ok) return renameFields(found, commissionFields);
    return answer(200, found.value.payouts.map(toPayoutResponse), found.value);
  },
});

const due = defineRoute({
  method: 'get',
  path: '/payouts/due',
  operationId: 'listDuePayouts',
  tag,
  summary: 'What a batch of payouts would take now, by partner and currency',
  scope: 'read',
  query: dueQuery,
  responses: { 200: { description: 'What is due', schema: dueResponse } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const found = await duePayouts(context, workspace, toDueQuery(query));
    return found.ok
      ? answer(200, toDueResponse(found.value))
      : renameFields(found, commissionFields);
  },
});

const mark = defineRoute({
  method: 'patch',
  path: '/payouts/{id}',
  operationId: 'markPayout',
  tag,
  summary: 'Note that a payout was paid, or that it failed, which gives it back to the balance',
  scope: 'write',
  params,
  body: payoutUpdateParams,
  responses: { 200: { description: 'The payout', schema: payoutResponse } },
  refusals: ['validation_failed', 'payout_not_found', 'payout_settled'],
  async handle(context, workspace, { params: { id }, body, options }) {
    const marked = await markPayout(context, workspace, id, body, options);
    return marked.ok ? answer(200, toPayoutResponse(marked.value)) : marked;
  },
});

export const commissionRoutes = [
  create,
  list,
  versions,
  get,
  update,
  archive,
  simulate,
  commissions,
  totals,
  commission,
  decide,
  makeBatch,
  exported,
  batch,
  due,
  payouts,
  mark,
];

/** Names the fields as the wire does, nested ones too. */
function onWire<R extends Refusal>(refusal: R): R | ValidationRefusal {
  if (refusal.code !== 'validation_failed' || refusal.errors === undefined) return refusal;
  const rename = (field: string): string =>
    field.replace(/\w+/g, (name) => commissionFields[name] ?? name);
  return refuseFields(
    Object.fromEntries(
      Object.entries(refusal.errors).map(([field, messages]) => [rename(field), messages]),
    ),
  );
}
