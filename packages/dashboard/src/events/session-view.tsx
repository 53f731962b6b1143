import { Badge, Group, SimpleGrid, Text, Timeline } from '@mantine/core';
import { useParams } from '@tanstack/react-router';

import { useRead } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatDuration, formatNumber, nothing } from '../format/number.ts';
import { countryFlag, countryName } from '../format/place.ts';
import { formatInstant, formatTimeOfDay } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { StatCard } from '../overview/stat-card.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { SourceText } from '../ui/source-text.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { EventIcon } from '../visitors/event-icon.tsx';
import { eventDetails, eventTitle } from '../visitors/event-words.ts';

/** One visit with what happened in it. */
export function SessionView() {
  const { id = '' } = useParams({ strict: false });
  const { timezone } = useWorkspace();
  const visit = useRead('getSession', { id, limit: 200 }, { keepsPrevious: false });
  return (
    <Loaded query={visit} height={500}>
      {(session) => {
        const country = session.geo['country'];
        const device = [
          session.device['device_type'],
          session.device['browser'],
          session.device['os'],
        ]
          .filter((part) => typeof part === 'string')
          .join(', ');
        return (
          <Page
            title={t.sessions.title(formatInstant(session.started_at, timezone))}
            description={
              <Group gap="xs">
                <TextLink to="/visitors/$id" params={{ id: session.visitor_id }} size="sm">
                  {t.visitors.visitor}
                </TextLink>
                <SourceText source={session.source} />
                {session.is_bounce && (
                  <Badge size="sm" variant="light" color="orange" tt="none">
                    {t.sessions.bounce}
                  </Badge>
                )}
                {session.is_engaged && (
                  <Badge size="sm" variant="light" color="teal" tt="none">
                    {t.sessions.engaged}
                  </Badge>
                )}
              </Group>
            }
          >
            <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
              <StatCard label={t.metrics.pageviews} value={formatNumber(session.pageviews)} />
              <StatCard
                label={t.visitors.length}
                value={formatDuration(session.duration_seconds)}
                details={t.sessions.engagedFor(formatDuration(session.engaged_seconds))}
              />
              <StatCard
                label={t.dimensions.country}
                value={
                  typeof country === 'string'
                    ? `${countryFlag(country)} ${countryName(country)}`
                    : nothing
                }
              />
              <StatCard label={t.dimensions.device_type} value={device === '' ? nothing : device} />
            </SimpleGrid>
            <Panel title={t.nav.events}>
              <Timeline bulletSize={26} lineWidth={2}>
                {session.timeline.toReversed().map((event) => (
                  <Timeline.Item
                    key={event.id}
                    bullet={<EventIcon type={event.event_type} />}
                    title={
                      <Group gap="xs">
                        <Text size="sm" fw={600}>
                          {eventTitle(event)}
                        </Text>
                        <Text size="xs" c="dimmed">
                          {formatTimeOfDay(event.occurred_at, timezone)}
                        </Text>
                      </Group>
                    }
                  >
                    <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                      {eventDetails(event)}
                    </Text>
                  </Timeline.Item>
                ))}
              </Timeline>
            </Panel>
          </Page>
        );
      }}
    </Loaded>
  );
}
