import * as z from 'zod';

import { countOut, idOut, pageQuery, text, timestampOut, uuid } from '../http/fields-schema.ts';
import { paymentStatuses } from './list-payment-messages.ts';
import { sourceNameLengthMax } from './payment-source.ts';
import type { PaymentSource, ReceivedPayment } from './payment-source.ts';

const secret = text(512).meta({
  example: 'whsec_1234567890',
  description: 'With which the provider signs; it is stored encrypted and never read back',
});

export const paymentSourceParams = z
  .strictObject({
    provider: text(40).meta({ example: 'stripe' }),
    secret: secret.optional(),
    name: text(sourceNameLengthMax).optional(),
    mode: z.enum(['live', 'test']).optional().meta({
      default: 'live',
      description: 'Messages of the other mode are noted and change nothing',
    }),
    payer_reference: z.enum(['trusted', 'ignored']).optional().meta({
      default: 'trusted',
      description:
        "Whether what the payer's own browser can say of who pays is believed: on Stripe `client_reference_id`",
    }),
  })
  .meta({ id: 'PaymentSourceParams' });

export const paymentSecretParams = z.strictObject({ secret }).meta({ id: 'PaymentSecretParams' });

export const paymentSourceIdParams = z.object({ id: uuid });

export const paymentMessageQuery = z.strictObject({
  ...pageQuery(50),
  // It holds the provider's id.
  cursor: text(2_000).optional(),
  status: z.enum(paymentStatuses).optional(),
});

export const paymentSourceResponse = z
  .object({
    id: idOut,
    provider: z.string(),
    name: z.string(),
    mode: z.enum(['live', 'test']),
    payer_reference: z.enum(['trusted', 'ignored']),
    path: z.string().meta({
      description: 'The address that the provider is told: below the base path of this server',
    }),
    archived_at: timestampOut.nullable(),
    inserted_at: timestampOut,
    updated_at: timestampOut,
  })
  .meta({ id: 'PaymentSourceResponse' });

export const paymentMessageResponse = z
  .object({
    id: z.string().meta({ description: "The provider's id", example: 'evt_1QabcD' }),
    type: z.string().meta({ example: 'checkout.session.completed' }),
    status: z.enum(paymentStatuses),
    reason: z.string().nullable().meta({
      example: 'payment_unknown',
      description: 'Why it waits, was ignored or failed',
    }),
    visitor_id: idOut.nullable(),
    attempts: countOut,
    received_at: timestampOut,
  })
  .meta({ id: 'PaymentMessage' });

export function toPaymentSourceResponse(
  source: PaymentSource,
): z.input<typeof paymentSourceResponse> {
  return {
    id: source.id,
    provider: source.provider,
    name: source.name,
    mode: source.mode,
    payer_reference: source.payerReference,
    path: source.path,
    archived_at: source.archivedAt?.toISOString() ?? null,
    inserted_at: source.createdAt.toISOString(),
    updated_at: source.updatedAt.toISOString(),
  };
}

export function toPaymentMessageResponse(
  message: ReceivedPayment,
): z.input<typeof paymentMessageResponse> {
  return {
    id: message.id,
    type: message.type,
    status: message.status,
    reason: message.reason,
    visitor_id: message.visitorId,
    attempts: message.attempts,
    received_at: message.receivedAt.toISOString(),
  };
}
