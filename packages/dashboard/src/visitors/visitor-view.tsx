import { Group, ScrollArea, SimpleGrid, Stack, Tabs, Text } from '@mantine/core';
import { useParams, useSearch } from '@tanstack/react-router';

import { useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatMoneys, formatNumber } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { StatCard } from '../overview/stat-card.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { StatusBadge } from './status-badge.tsx';
import { VisitorDispatches } from './visitor-dispatches.tsx';
import { VisitorIdentity } from './visitor-identity.tsx';
import { visitorName } from './visitor-name.ts';
import { VisitorPath } from './visitor-path.tsx';
import { VisitorPrivacy } from './visitor-privacy.tsx';
import { VisitorTimeline } from './visitor-timeline.tsx';
import { VisitorVisits } from './visitor-visits.tsx';
import { visitorTabs } from './visitors-search.ts';
import type { VisitorSearch } from './visitors-search.ts';

/** One person: what they did, how they came, and why we think that it is one person. */
export function VisitorView() {
  const { id = '' } = useParams({ strict: false });
  const search: VisitorSearch = useSearch({ strict: false });
  const change = useSearchChange<VisitorSearch>();
  const { timezone } = useWorkspace();
  const visitor = useRead('getVisitor', { id }, { keepsPrevious: false });
  const tab = search.tab ?? 'timeline';
  return (
    <Loaded query={visitor} height={600}>
      {(person) => (
        <Page
          title={visitorName(person)}
          description={
            <Group gap={8}>
              <StatusBadge status={person.status} />
              <Text size="xs" c="dimmed" component="span">
                {t.visitors.seenFromTo(
                  formatInstant(person.first_seen_at, timezone),
                  formatInstant(person.last_seen_at, timezone),
                )}
              </Text>
            </Group>
          }
        >
          <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
            <StatCard label={t.metrics.revenue} value={formatMoneys(person.revenue)} />
            <StatCard label={t.metrics.sessions} value={formatNumber(person.total_sessions)} />
            <StatCard label={t.metrics.pageviews} value={formatNumber(person.total_pageviews)} />
            <StatCard
              label={t.visitors.firstSource}
              value={person.first_source?.channel ?? t.report.none}
              details={person.first_source?.source ?? undefined}
            />
          </SimpleGrid>
          <Panel flush>
            <Tabs
              value={tab}
              onChange={(next) =>
                change({
                  tab: next === 'timeline' ? undefined : visitorTabs.find((name) => name === next),
                  page: undefined,
                })
              }
              keepMounted={false}
            >
              <ScrollArea type="never">
                <Tabs.List style={{ flexWrap: 'nowrap' }}>
                  {visitorTabs.map((name) => (
                    <Tabs.Tab key={name} value={name} style={{ whiteSpace: 'nowrap' }}>
                      {t.visitors.tabs[name]}
                    </Tabs.Tab>
                  ))}
                </Tabs.List>
              </ScrollArea>
              <Tabs.Panel value="timeline">
                <VisitorTimeline
                  id={id}
                  page={search.page ?? 1}
                  onPage={(page) => change({ page: page === 1 ? undefined : page })}
                />
              </Tabs.Panel>
              <Tabs.Panel value="path">
                <Stack p="md">
                  <VisitorPath id={id} />
                </Stack>
              </Tabs.Panel>
              <Tabs.Panel value="visits">
                <VisitorVisits
                  id={id}
                  page={search.page ?? 1}
                  onPage={(page) => change({ page: page === 1 ? undefined : page })}
                />
              </Tabs.Panel>
              <Tabs.Panel value="dispatches">
                <VisitorDispatches id={id} />
              </Tabs.Panel>
              <Tabs.Panel value="identity">
                <VisitorIdentity visitor={person} />
              </Tabs.Panel>
              <Tabs.Panel value="privacy">
                <VisitorPrivacy visitor={person} />
              </Tabs.Panel>
            </Tabs>
          </Panel>
        </Page>
      )}
    </Loaded>
  );
}
