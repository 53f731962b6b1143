import type { RecordedEvent } from '../ingest/recorded-event.ts';

/** What can be listened to: clicks of people on links, and every event. */
export const liveTopics = ['link_clicks', 'events'] as const;
export type LiveTopic = (typeof liveTopics)[number];

/** Somebody has followed a short link. */
export interface LinkClickMessage {
  readonly type: 'link_click';
  /** `link_clicks:` and the workspace. */
  readonly topic: string;
  readonly workspaceId: string;
  readonly linkId: string;
  /** The first click of this visitor on this link. */
  readonly unique: boolean;
  readonly event: RecordedEvent;
}

/** Something has been recorded. */
export interface EventRecordedMessage {
  readonly type: 'event_recorded';
  /** `events:` and the workspace. */
  readonly topic: string;
  readonly workspaceId: string;
  readonly event: RecordedEvent;
}

export type LiveMessage = LinkClickMessage | EventRecordedMessage;

/** An event as it was read to be told. */
export interface LiveEvent {
  readonly event: RecordedEvent;
  readonly transactionId: string;
  readonly unique: boolean;
}

/** The messages of an event, each at its place; bots and previews are recorded, but nobody has clicked. */
export function messagesOf({ event, unique }: LiveEvent): readonly (LiveMessage | undefined)[] {
  const { workspaceId, linkId } = event;
  const recorded: LiveMessage = {
    type: 'event_recorded',
    topic: `events:${workspaceId}`,
    workspaceId,
    event,
  };
  if (event.type !== 'link_click' || linkId === undefined || event.machine !== undefined)
    return [recorded];
  const topic = `link_clicks:${workspaceId}`;
  return [recorded, { type: 'link_click', topic, workspaceId, linkId, unique, event }];
}

export function topicOf(message: LiveMessage): LiveTopic {
  return message.type === 'link_click' ? 'link_clicks' : 'events';
}
