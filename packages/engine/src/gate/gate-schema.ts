import * as z from 'zod';

import { instant, text, timestampOut } from '../http/fields-schema.ts';
import { entity } from '../invitations/invitation-schema.ts';
import type { Account, Admission, Gate, GateDecision } from './gate.ts';

const account = {
  entity,
  created_at: instant
    .optional()
    .meta({ description: 'When the account was made: who was there before is let in' }),
  email: text(320).optional().meta({ description: 'Invitations to this address let in' }),
  email_verified: z.boolean().optional().meta({ default: false }),
  operator: z
    .boolean()
    .optional()
    .meta({ description: 'Who runs the product is never locked out', default: false }),
};

export const gateCheckParams = z.strictObject(account).meta({ id: 'GateCheckParams' });

export const gateRedeemParams = z
  .strictObject({
    ...account,
    code: z.string().nullish().meta({ description: 'What was typed into the form' }),
    address: text(64).optional().meta({ description: 'Of who types, to count guesses' }),
    anonymous_id: text(255).optional().meta({ description: 'The value of the visitor cookie' }),
  })
  .meta({ id: 'GateRedeemParams' });

export const admitParams = z
  .strictObject({
    entity,
    via: z.string().optional().meta({ description: 'Why, in your words', default: 'host' }),
  })
  .meta({ id: 'GateAdmitParams' });

export const gateResponse = z
  .object({
    required: z.boolean(),
    since: timestampOut.nullable(),
    grandfather: z.boolean(),
  })
  .meta({ id: 'GateResponse' });

export const admissionResponse = z
  .object({
    entity: z.object({ type: z.string(), id: z.string() }),
    via: z.string().meta({ example: 'code' }),
    admitted_at: timestampOut,
  })
  .meta({ id: 'AdmissionResponse' });

export const gateDecisionResponse = z
  .object({
    admitted: z.boolean(),
    by: z
      .enum(['open', 'anonymous', 'operator', 'grandfathered', 'pending_invitation', 'admission'])
      .nullable(),
    reason: z.enum(['parked', 'unavailable']).nullable(),
    admission: admissionResponse.nullable(),
  })
  .meta({ id: 'GateDecisionResponse' });

export function toAccount(body: z.output<typeof gateCheckParams>): Account {
  return {
    entity: body.entity,
    createdAt: body.created_at,
    email: body.email,
    emailVerified: body.email_verified,
    isOperator: body.operator,
  };
}

export function toGateResponse({
  required,
  since,
  grandfather,
}: Gate): z.input<typeof gateResponse> {
  return { required, since: since?.toISOString() ?? null, grandfather };
}

export function toAdmissionResponse(admission: Admission): z.input<typeof admissionResponse> {
  const { entity: admitted, via, admittedAt } = admission;
  return { entity: admitted, via, admitted_at: admittedAt.toISOString() };
}

export function toGateDecisionResponse(
  decision: GateDecision,
): z.input<typeof gateDecisionResponse> {
  if (!decision.admitted)
    return { admitted: false, by: null, reason: decision.reason, admission: null };
  const { by, admission } = decision;
  return {
    admitted: true,
    by,
    reason: null,
    admission: admission === undefined ? null : toAdmissionResponse(admission),
  };
}
