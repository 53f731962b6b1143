import type { EventType, Origin } from '../ingest/event.ts';

/** What is done to a referral, a reward or an entry of the waitlist; told as it is when the message is sent. */
const subjectTypes = [
  'referral.created',
  'referral.reversed',
  'reward.earned',
  'reward.changed',
  'reward.reversed',
  'waitlist.joined',
  'waitlist.invited',
  'waitlist.left',
] as const;
export type SubjectType = (typeof subjectTypes)[number];

/** What an endpoint can be told of. */
export const webhookTypes = [
  'link.clicked',
  'page.viewed',
  'session.started',
  'visitor.identified',
  'conversion.created',
  'conversion.refunded',
  'invitation.used',
  'redemption.created',
  'event.recorded',
  'link.created',
  'link.updated',
  'link.archived',
  'link.restored',
  ...subjectTypes,
  'link.down',
  'link.up',
] as const;
export type WebhookType = (typeof webhookTypes)[number];

/** An attempt of somebody who sets an endpoint up; it goes to that one whatever it is told of. */
export const testType = 'webhook.test';

/** Everything, also what later versions add. */
export const everyType = '*';

export function isSubjectType(type: string): type is SubjectType {
  return subjectTypes.some((known) => known === type);
}

const ofEvents: Readonly<Record<EventType, WebhookType>> = {
  link_click: 'link.clicked',
  pageview: 'page.viewed',
  session_start: 'session.started',
  identify: 'visitor.identified',
  lead: 'conversion.created',
  sale: 'conversion.created',
  registration: 'conversion.created',
  refund: 'conversion.refunded',
  invitation: 'invitation.used',
  redemption: 'redemption.created',
  share: 'event.recorded',
  engagement: 'event.recorded',
  custom: 'event.recorded',
  api_request: 'event.recorded',
  impression: 'event.recorded',
};

/**
 * What an event is called to endpoints. Nothing for bots, crawlers and previews: nobody has done anything; and nothing for
 * what is imported: it has happened long ago, and elsewhere.
 */
export function webhookTypeOf(event: {
  readonly type: EventType;
  readonly machine: string | undefined;
  readonly origin: Origin;
}): WebhookType | undefined {
  return event.machine === undefined && event.origin !== 'import'
    ? ofEvents[event.type]
    : undefined;
}
