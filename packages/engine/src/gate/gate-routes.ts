import { answer, defineRoute } from '../http/route.ts';
import { admitEntity } from './admit-entity.ts';
import { checkAdmission } from './check-admission.ts';
import {
  admissionResponse,
  admitParams,
  gateCheckParams,
  gateDecisionResponse,
  gateRedeemParams,
  gateResponse,
  toAccount,
  toAdmissionResponse,
  toGateDecisionResponse,
  toGateResponse,
} from './gate-schema.ts';
import { gateOf } from './gate.ts';
import { redeemAtGate } from './redeem-at-gate.ts';

const tag = 'Gate';

const status = defineRoute({
  method: 'get',
  path: '/gate',
  operationId: 'getGate',
  tag,
  summary: 'Whether the invite-only gate is shut, and since when',
  description: 'It is shut by the setting `referrals.required` of the workspace.',
  scope: 'read',
  responses: { 200: { description: 'The gate', schema: gateResponse } },
  async handle(_context, workspace) {
    return answer(200, toGateResponse(gateOf(workspace)));
  },
});

const check = defineRoute({
  method: 'post',
  path: '/gate/check',
  operationId: 'checkGate',
  tag,
  summary: 'Whether an account may come in',
  description: 'Whoever has redeemed something before is noted as let in.',
  scope: 'write',
  body: gateCheckParams,
  responses: { 200: { description: 'The decision', schema: gateDecisionResponse } },
  async handle(context, workspace, { body }) {
    const decision = await checkAdmission(context, workspace, toAccount(body));
    return answer(200, toGateDecisionResponse(decision));
  },
});

const redeem = defineRoute({
  method: 'post',
  path: '/gate/redeem',
  operationId: 'redeemAtGate',
  tag,
  summary: 'Redeem a code for an account that stands before the gate',
  description: 'Every code that cannot be used has the same answer, and tries are counted.',
  scope: 'write',
  body: gateRedeemParams,
  responses: { 200: { description: 'The decision', schema: gateDecisionResponse } },
  refusals: ['validation_failed', 'code_required', 'code_unusable', 'rate_limited'],
  async handle(context, workspace, { body, options }) {
    const { code, address, anonymous_id: anonymousId, ...account } = body;
    const redeemed = await redeemAtGate(
      context,
      workspace,
      {
        account: toAccount(account),
        code,
        address,
        ...(anonymousId !== undefined && { anonymousId }),
      },
      options,
    );
    return redeemed.ok ? answer(200, toGateDecisionResponse(redeemed.value)) : redeemed;
  },
});

const admit = defineRoute({
  method: 'post',
  path: '/gate/admissions',
  operationId: 'admitAccount',
  tag,
  summary: 'Let an account in for good',
  description: 'The first time and reason stay: a repeat answers them.',
  scope: 'write',
  body: admitParams,
  responses: { 200: { description: 'The admission', schema: admissionResponse } },
  refusals: ['validation_failed', 'visitor_erased', 'visitor_not_found'],
  async handle(context, workspace, { body, options }) {
    const admitted = await admitEntity(context, workspace, body, options);
    return admitted.ok ? answer(200, toAdmissionResponse(admitted.value)) : admitted;
  },
});

export const gateRoutes = [status, check, redeem, admit];
