import { Code, Group, Text, Timeline } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';

import { useRead } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Pager, pageSize, pageWindow } from '../ui/pager.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { EventIcon } from './event-icon.tsx';
import { eventDetails, eventTitle } from './event-words.ts';

const conversions = ['lead', 'sale', 'registration'];

export interface PagedProps {
  readonly id: string;
  readonly page: number;
  readonly onPage: (page: number) => void;
}

/** What a person did, newest first. */
export function VisitorTimeline({ id, page, onPage }: PagedProps) {
  const { timezone } = useWorkspace();
  const timeline = useRead('getVisitorTimeline', { id, ...pageWindow(page) });
  return (
    <Loaded
      query={timeline}
      height={420}
      empty={<EmptyState icon={IconHistory} title={t.visitors.noTimeline} />}
    >
      {(events) => (
        <>
          <Timeline bulletSize={26} lineWidth={2} p="lg">
            {events.slice(0, pageSize).map((event) => (
              <Timeline.Item
                key={event.id}
                bullet={<EventIcon type={event.event_type} />}
                title={
                  <Group gap="xs">
                    <Text size="sm" fw={600}>
                      {eventTitle(event)}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {formatInstant(event.occurred_at, timezone)}
                    </Text>
                    {conversions.includes(event.event_type) && (
                      <TextLink to="/conversions/$id" params={{ id: event.id }} size="xs">
                        {t.attribution.explain}
                      </TextLink>
                    )}
                    {event.session_id !== null && (
                      <TextLink to="/sessions/$id" params={{ id: event.session_id }} size="xs">
                        {t.visitors.visit}
                      </TextLink>
                    )}
                  </Group>
                }
              >
                <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                  {eventDetails(event)}
                </Text>
                {Object.keys(event.properties).length > 0 && (
                  <Code style={{ overflowWrap: 'anywhere' }}>
                    {JSON.stringify(event.properties)}
                  </Code>
                )}
              </Timeline.Item>
            ))}
          </Timeline>
          <Pager page={page} hasNext={events.length > pageSize} onChange={onPage} />
        </>
      )}
    </Loaded>
  );
}
