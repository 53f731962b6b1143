import type { Context } from '../context.ts';
import { getVisitor } from '../visitors/get-visitor.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { describeSubject } from './describe-subject.ts';
import { findToldEvent } from './told-event-store.ts';
import type { WebhookDelivery } from './webhook-delivery.ts';
import { isSubjectType } from './webhook-type.ts';

/** The body of a message: `type`, `timestamp` and `data`, as Standard Webhooks recommends. */
export interface WebhookBody {
  readonly type: string;
  /** When it happened. */
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * What is sent, as it is now: of an event its own fields, and the person that it belongs to after merges and undos.
 * `undefined`: the event is gone, because its person was forgotten or its retention is over.
 */
export async function describeMessage(
  context: Context,
  workspace: Workspace,
  delivery: WebhookDelivery,
): Promise<WebhookBody | undefined> {
  const { eventType: type, message, event: told } = delivery;
  if (message !== null && isSubjectType(type)) {
    const data = await describeSubject(context, workspace, type, String(message.data['id']));
    return data && { type, timestamp: message.timestamp, data };
  }
  if (message !== null) return { type, ...message };
  if (told === undefined) return undefined;
  const event = await findToldEvent(context.database.db, workspace.id, told);
  if (event === undefined) return undefined;
  const person =
    event.visitor_id === null ? undefined : await getVisitor(context, workspace, event.visitor_id);
  return {
    type,
    timestamp: event.occurred_at.toISOString(),
    data: {
      id: event.id,
      event_type: event.type,
      event_name: event.name,
      occurred_at: event.occurred_at.toISOString(),
      recorded_at: event.recorded_at.toISOString(),
      visitor_id: event.visitor_id,
      person_id: person?.id ?? null,
      person_external_id: person?.externalId ?? null,
      session_id: event.session_id,
      link_id: event.link_id,
      url: event.url,
      referrer: event.referrer,
      amount_minor: event.amount_minor === null ? null : Number(event.amount_minor),
      currency: event.currency,
      properties: event.properties ?? {},
    },
  };
}
