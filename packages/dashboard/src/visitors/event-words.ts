import { formatMoney } from '../format/number.ts';
import { t } from '../messages/messages.ts';

/** What any list of events knows of one. */
export interface DescribedEvent {
  readonly event_type: string;
  readonly event_name: string | null;
  readonly url: string | null;
  readonly amount_cents: number | null;
  readonly currency: string | null;
}

/** What happened, in a few words. */
export function eventTitle(event: DescribedEvent): string {
  const type = t.eventTypes[event.event_type as keyof typeof t.eventTypes] ?? event.event_type;
  return event.event_name === null ? type : `${type}: ${event.event_name}`;
}

/** The page without its host where it is long, and the money. */
export function eventDetails(event: DescribedEvent): string {
  const parts = [];
  if (event.amount_cents !== null && event.currency !== null)
    parts.push(formatMoney({ amount: event.amount_cents, currency: event.currency }));
  if (event.url !== null) parts.push(event.url.replace(/^https?:\/\//, ''));
  return parts.join(' · ');
}
