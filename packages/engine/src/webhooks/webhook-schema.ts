import * as z from 'zod';

import { countOut, idOut, instant, pageQuery, timestampOut, uuid } from '../http/fields-schema.ts';
import type { EndpointInput, EndpointWithSecret } from './create-endpoint.ts';
import type { EndpointChanges } from './update-endpoint.ts';
import { deliveryStatuses } from './webhook-delivery.ts';
import type { WebhookDelivery } from './webhook-delivery.ts';
import { endpointLimits } from './webhook-endpoint.ts';
import type { WebhookEndpoint } from './webhook-endpoint.ts';
import { everyType, webhookTypes } from './webhook-type.ts';

export const webhookIdParams = z.object({ id: uuid });

/** The domain knows the rules; here is only what JSON can say. */
const fields = {
  url: z.string().meta({
    format: 'uri',
    maxLength: endpointLimits.urlLengthMax,
    example: 'https://example.com/hooks/headwater',
    description: 'https; nothing is sent into private networks',
  }),
  description: z.string().nullish().meta({ maxLength: endpointLimits.descriptionLengthMax }),
  event_types: z
    .array(z.string())
    .optional()
    .meta({
      default: [everyType],
      example: ['conversion.created'],
      description: `\`${everyType}\` for everything, or some of ${webhookTypes.join(', ')}`,
    }),
  link_ids: z.array(z.string()).optional().meta({
    default: [],
    maxItems: endpointLimits.linksMax,
    description: 'Only what is about one of these links',
  }),
};

export const webhookParams = z.strictObject(fields).meta({ id: 'WebhookParams' });

export const webhookUpdateParams = z
  .strictObject({
    ...fields,
    url: fields.url.optional(),
    status: z.enum(['enabled', 'disabled']).optional(),
  })
  .meta({ id: 'WebhookUpdateParams', description: 'What is absent stays, `null` clears.' });

export const webhookQuery = z.strictObject(pageQuery(50));

export const deliveryQuery = z.strictObject({
  ...pageQuery(50),
  status: z.enum(deliveryStatuses).optional(),
});

export const recoverParams = z
  .strictObject({ since: instant })
  .meta({ id: 'WebhookRecoverParams' });

const endpointFields = {
  id: idOut,
  url: z.string(),
  description: z.string().nullable(),
  event_types: z.array(z.string()),
  link_ids: z.array(idOut),
  status: z.enum(['enabled', 'disabled']),
  disabled_reason: z.enum(['failing', 'gone']).nullable().meta({
    description: '`failing`: nothing arrived for five days; `gone`: the receiver answered 410',
  }),
  failing_since: timestampOut.nullable(),
  archived_at: timestampOut.nullable(),
  inserted_at: timestampOut,
  updated_at: timestampOut,
};

export const webhookResponse = z.object(endpointFields).meta({ id: 'WebhookResponse' });

export const webhookWithSecretResponse = z
  .object({
    ...endpointFields,
    secret: z.string().meta({
      example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      description: 'Signs the messages (Standard Webhooks). It is told this once.',
    }),
  })
  .meta({ id: 'WebhookWithSecretResponse' });

export const deliveryResponse = z
  .object({
    id: idOut.meta({ description: 'The `webhook-id` of every attempt' }),
    webhook_id: idOut,
    type: z.string().meta({ example: 'conversion.created' }),
    event_id: idOut.nullable(),
    status: z.enum(deliveryStatuses),
    reason: z.string().nullable().meta({
      example: 'status_500',
      description: 'Why it failed for good, or is tried again',
    }),
    attempts: countOut.meta({ description: 'Since it was last made to wait' }),
    due_at: timestampOut.nullable().meta({ description: 'The next attempt' }),
    log: z
      .array(
        z.object({
          at: timestampOut,
          status: z
            .number()
            .nullable()
            .meta({ type: ['integer', 'null'] }),
          failure: z.string().nullable().meta({ example: 'timeout' }),
          milliseconds: countOut,
        }),
      )
      .meta({ description: 'The newest attempts, the latest last' }),
    inserted_at: timestampOut,
    settled_at: timestampOut.nullable(),
  })
  .meta({ id: 'WebhookDelivery' });

export const recoverResponse = z
  .object({ deliveries: countOut.meta({ description: 'So many wait anew' }) })
  .meta({ id: 'WebhookRecovery' });

/** Where the wire has another name than the domain. */
export const webhookWireNames = { eventTypes: 'event_types', linkIds: 'link_ids' } as const;

export function toEndpointInput(body: z.output<typeof webhookParams>): EndpointInput {
  const { event_types: eventTypes, link_ids: linkIds, ...rest } = body;
  return { ...rest, eventTypes, linkIds };
}

export function toEndpointChanges(body: z.output<typeof webhookUpdateParams>): EndpointChanges {
  const { event_types: eventTypes, link_ids: linkIds, ...rest } = body;
  return { ...rest, eventTypes, linkIds };
}

export function toWebhookResponse(endpoint: WebhookEndpoint): z.input<typeof webhookResponse> {
  return {
    id: endpoint.id,
    url: endpoint.url,
    description: endpoint.description,
    event_types: [...endpoint.eventTypes],
    link_ids: [...endpoint.linkIds],
    status: endpoint.status,
    disabled_reason: endpoint.disabledReason,
    failing_since: endpoint.failingSince?.toISOString() ?? null,
    archived_at: endpoint.archivedAt?.toISOString() ?? null,
    inserted_at: endpoint.createdAt.toISOString(),
    updated_at: endpoint.updatedAt.toISOString(),
  };
}

export function toWebhookWithSecretResponse(
  endpoint: EndpointWithSecret,
): z.input<typeof webhookWithSecretResponse> {
  return { ...toWebhookResponse(endpoint), secret: endpoint.secret };
}

export function toDeliveryResponse(delivery: WebhookDelivery): z.input<typeof deliveryResponse> {
  return {
    id: delivery.id,
    webhook_id: delivery.endpointId,
    type: delivery.eventType,
    event_id: delivery.event?.id ?? null,
    status: delivery.status,
    reason: delivery.reason,
    attempts: delivery.attempts,
    due_at: delivery.status === 'waiting' ? delivery.dueAt.toISOString() : null,
    log: delivery.log.map(({ at, status, failure, milliseconds }) => ({
      at,
      status: status ?? null,
      failure: failure ?? null,
      milliseconds,
    })),
    inserted_at: delivery.createdAt.toISOString(),
    settled_at: delivery.settledAt?.toISOString() ?? null,
  };
}
