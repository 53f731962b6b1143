import { Badge, Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconActivity, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';

import { useRead } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatNumber } from '../format/number.ts';
import { formatTimeOfDay } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { EmptyPanel } from '../overview/empty-panel.tsx';
import { StatCard } from '../overview/stat-card.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { EventIcon } from '../visitors/event-icon.tsx';
import { eventDetails, eventTitle } from '../visitors/event-words.ts';
import { ShareList } from './share-list.tsx';
import { useLiveMessages } from './use-live-messages.ts';

/** Who is there now, and every event as it is recorded. */
export function LiveView() {
  const [isPaused, setPaused] = useState(false);
  const { timezone } = useWorkspace();
  const live = useRead('analyticsLive', undefined, { refetchInterval: 5_000 });
  const { events, state } = useLiveMessages(isPaused);
  return (
    <Page
      title={t.nav.live}
      description={t.live.intro}
      actions={
        <>
          <Badge
            variant="dot"
            color={state === 'open' && !isPaused ? 'teal' : 'gray'}
            tt="none"
            size="lg"
            role="status"
          >
            {isPaused ? t.live.paused : t.live.states[state]}
          </Badge>
          <Button
            size="xs"
            variant="default"
            onClick={() => setPaused((paused) => !paused)}
            leftSection={
              isPaused ? (
                <IconPlayerPlay size={14} aria-hidden />
              ) : (
                <IconPlayerPause size={14} aria-hidden />
              )
            }
          >
            {isPaused ? t.live.resume : t.live.pause}
          </Button>
        </>
      }
    >
      <Loaded query={live} height={240}>
        {(now) => (
          <Stack gap="md">
            <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
              <StatCard label={t.live.people5} value={formatNumber(now.people_5_minutes)} />
              <StatCard label={t.live.people30} value={formatNumber(now.people_30_minutes)} />
              <StatCard label={t.live.pageviews30} value={formatNumber(now.pageviews_30_minutes)} />
            </SimpleGrid>
            <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
              <Panel title={t.dimensions.page}>
                {now.pages.length === 0 ? <EmptyPanel /> : <ShareList rows={now.pages} />}
              </Panel>
              <Panel title={t.dimensions.channel}>
                {now.channels.length === 0 ? <EmptyPanel /> : <ShareList rows={now.channels} />}
              </Panel>
            </SimpleGrid>
          </Stack>
        )}
      </Loaded>
      <Panel title={t.live.stream}>
        {events.length === 0 ? (
          <EmptyState icon={IconActivity} title={t.live.emptyTitle}>
            {t.live.emptyHint}
          </EmptyState>
        ) : (
          <Stack gap="xs" role="log" aria-label={t.live.stream}>
            {events.map((event) => (
              <Group key={event.id} gap="sm" wrap="nowrap">
                <EventIcon type={event.event_type} />
                <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                  {formatTimeOfDay(event.occurred_at, timezone)}
                </Text>
                <Text size="sm" fw={600} style={{ whiteSpace: 'nowrap' }}>
                  {eventTitle(event)}
                </Text>
                <Text size="sm" c="dimmed" truncate flex={1}>
                  {event.machine ?? eventDetails(event)}
                </Text>
                {event.visitor_id !== null && (
                  <TextLink to="/visitors/$id" params={{ id: event.visitor_id }} size="xs">
                    {t.visitors.visitor}
                  </TextLink>
                )}
              </Group>
            ))}
          </Stack>
        )}
      </Panel>
    </Page>
  );
}
