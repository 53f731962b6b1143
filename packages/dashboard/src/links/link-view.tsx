import { Suspense, lazy } from 'react';

import { Anchor, Group, SimpleGrid, Skeleton, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';

import { useRead } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatMoneys, formatNumber } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { BreakdownPanel } from '../overview/breakdown-panel.tsx';
import { StatCard } from '../overview/stat-card.tsx';
import { ReportBar } from '../report/report-bar.tsx';
import { useReport } from '../report/use-report.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { LinkClicks } from './link-clicks.tsx';
import { LinkMenu } from './link-menu.tsx';
import { LinkBadges } from './links-table.tsx';
import { narrowToLink } from './narrow-to-link.ts';
import { shortAddress } from './short-address.ts';

const MetricChart = lazy(() =>
  import('../overview/metric-chart.tsx').then(({ MetricChart: component }) => ({
    default: component,
  })),
);

/** One link: its counters, who came by it and from where, its clicks. */
export function LinkView() {
  const { id = '' } = useParams({ strict: false });
  const { timezone } = useWorkspace();
  const report = narrowToLink(useReport(), id);
  const link = useRead('getLink', { id }, { keepsPrevious: false, refetchInterval: 10_000 });
  return (
    <Loaded query={link} height={600}>
      {(found) => (
        <Page
          title={shortAddress(found)}
          description={
            <Group gap={6}>
              <Anchor
                href={found.url}
                size="sm"
                rel="noreferrer"
                style={{ overflowWrap: 'anywhere' }}
              >
                {found.url}
              </Anchor>
              <LinkBadges link={found} />
            </Group>
          }
          actions={
            <>
              <CopyButton value={found.short_url} label={t.links.copyOf(shortAddress(found))} />
              {found.archived_at === null && (
                <LinkButton to="/links/$id/edit" params={{ id }} size="xs" variant="default">
                  {t.actions.edit}
                </LinkButton>
              )}
              <LinkMenu link={found} />
            </>
          }
        >
          <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
            <StatCard label={t.links.clicks} value={formatNumber(found.total_clicks)} />
            <StatCard label={t.links.uniqueClicks} value={formatNumber(found.unique_clicks)} />
            <StatCard label={t.metrics.leads} value={formatNumber(found.total_leads)} />
            <StatCard label={t.metrics.sales} value={formatNumber(found.total_sales)} />
            <StatCard label={t.metrics.revenue} value={formatMoneys(found.revenue)} />
            <StatCard label={t.links.machineClicks} value={formatNumber(found.machine_clicks)} />
          </SimpleGrid>
          <Text size="xs" c="dimmed">
            {t.links.sinceCreation(formatInstant(found.inserted_at, timezone))}
          </Text>
          <ReportBar report={report} />
          <Panel title={t.links.visitsOverTime}>
            <Suspense fallback={<Skeleton height={260} />}>
              <MetricChart report={report} metric="people" />
            </Suspense>
          </Panel>
          <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
            <BreakdownPanel
              report={report}
              dimensions={['country']}
              chosen="country"
              onChoose={stay}
            />
            <BreakdownPanel
              report={report}
              dimensions={['device_type']}
              chosen="device_type"
              onChoose={stay}
            />
          </SimpleGrid>
          <Panel title={t.links.latestClicks} flush>
            <LinkClicks linkId={id} />
          </Panel>
        </Page>
      )}
    </Loaded>
  );
}

function stay(): void {
  // These panels have one list each.
}
