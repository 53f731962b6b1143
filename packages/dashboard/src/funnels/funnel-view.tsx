import type { FunnelReport } from '@headwater/client/api';
import {
  Alert,
  Button,
  Group,
  Progress,
  Select,
  SimpleGrid,
  Stack,
  Table,
  Text,
} from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconInfoCircle } from '@tabler/icons-react';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';

import { useRead, useWrite } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { formatDuration, formatNumber, formatPercent, nothing } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { StatCard } from '../overview/stat-card.tsx';
import { DimensionValue } from '../report/dimension-value.tsx';
import { ReportBar } from '../report/report-bar.tsx';
import { useReport } from '../report/use-report.ts';
import { saveCsv } from '../ui/csv.ts';
import { Loaded } from '../ui/loaded.tsx';
import { notifyFault } from '../ui/notify.ts';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { ScrollTable } from '../ui/scroll-table.tsx';
import { funnelBreakdowns } from './funnel-search.ts';
import type { FunnelSearch } from './funnel-search.ts';

/** How far people come, step by step. */
export function FunnelView() {
  const { id = '' } = useParams({ strict: false });
  const search: FunnelSearch = useSearch({ strict: false });
  const change = useSearchChange<FunnelSearch>();
  const navigate = useNavigate();
  const report = useReport();
  const funnel = useRead('getFunnel', { id }, { keepsPrevious: false });
  const archive = useWrite('archiveFunnel', ['listFunnels']);
  const numbers = useRead('reportFunnel', {
    id,
    ...report.window,
    ...(search.by !== undefined && { dimension: search.by }),
  });
  const ask = (name: string) =>
    modals.openConfirmModal({
      title: t.links.archiveTitle(name),
      children: <Text size="sm">{t.funnels.archiveHint}</Text>,
      labels: { confirm: t.links.archive, cancel: t.actions.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () =>
        archive.mutate(
          { id },
          { onSuccess: () => void navigate({ to: '/funnels' }), onError: notifyFault },
        ),
    });
  return (
    <Loaded query={funnel} height={500}>
      {(found) => (
        <Page
          title={found.name}
          description={t.funnels.within(found.conversion_window_days)}
          actions={
            <>
              <Button
                size="xs"
                variant="default"
                disabled={numbers.data === undefined}
                onClick={() =>
                  saveCsv(
                    'funnel.csv',
                    ['step', 'people', 'rate', 'dropped_off'],
                    (numbers.data?.steps ?? []).map((step) => [
                      step.label,
                      step.people,
                      step.rate,
                      step.dropped_off,
                    ]),
                  )
                }
              >
                {t.actions.exportCsv}
              </Button>
              <Button size="xs" color="red" variant="light" onClick={() => ask(found.name)}>
                {t.links.archive}
              </Button>
            </>
          }
        >
          <Group align="flex-end" gap="sm">
            <ReportBar report={report} hasComparison={false} />
            <Select
              aria-label={t.attribution.by}
              placeholder={t.funnels.breakdown}
              clearable
              clearButtonProps={{ 'aria-label': t.actions.clear }}
              size="xs"
              w={150}
              data={funnelBreakdowns.map((name) => ({ value: name, label: t.dimensions[name] }))}
              value={search.by ?? null}
              onChange={(by) => change({ by: funnelBreakdowns.find((name) => name === by) })}
            />
          </Group>
          <Loaded query={numbers} height={360}>
            {(data) => <Report data={data} />}
          </Loaded>
        </Page>
      )}
    </Loaded>
  );
}

function Report({ data }: { readonly data: FunnelReport }) {
  return (
    <Stack gap="md">
      {!data.complete && (
        <Alert role="note" variant="light" color="gray" icon={<IconInfoCircle aria-hidden />}>
          <Text size="sm">{t.funnels.incomplete}</Text>
        </Alert>
      )}
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
        <StatCard label={t.funnels.entered} value={formatNumber(data.entered)} />
        <StatCard label={t.funnels.converted} value={formatNumber(data.converted)} />
        <StatCard label={t.funnels.rate} value={formatPercent(data.conversion_rate)} />
        <StatCard
          label={t.funnels.median}
          value={formatDuration(data.seconds_to_convert?.median)}
          details={
            data.seconds_to_convert === null
              ? undefined
              : t.funnels.p90(formatDuration(data.seconds_to_convert.p90))
          }
        />
      </SimpleGrid>
      <Panel title={t.funnels.steps}>
        <Stack gap="md" component="ol" style={{ listStyle: 'none', margin: 0, padding: 0 }}>
          {data.steps.map((step, index) => (
            // The place is the step's own: labels may repeat.
            <li key={`${index} ${step.label}`}>
              <Group justify="space-between" gap="xs">
                <Text fw={600} size="sm">
                  {`${index + 1}. ${step.label}`}
                </Text>
                <Text size="sm">
                  {t.funnels.people(formatNumber(step.people), formatPercent(step.rate))}
                </Text>
              </Group>
              <Progress
                value={(step.rate ?? 0) * 100}
                size={22}
                radius="sm"
                aria-label={step.label}
              />
              {index < data.steps.length - 1 && (
                <Text size="xs" c="dimmed" pt={2}>
                  {t.funnels.dropped(
                    formatNumber(step.dropped_off),
                    formatPercent(step.drop_off_rate),
                  )}
                </Text>
              )}
            </li>
          ))}
        </Stack>
      </Panel>
      {data.breakdown !== null && (
        <Panel title={t.dimensions[data.breakdown.dimension]} flush>
          <ScrollTable minWidth={520} label={t.dimensions[data.breakdown.dimension]}>
            <Table horizontalSpacing="md" aria-label={t.dimensions[data.breakdown.dimension]}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">{t.dimensions[data.breakdown.dimension]}</Table.Th>
                  {data.steps.map((step, index) => (
                    <Table.Th key={`${index} ${step.label}`} scope="col" ta="right">
                      {step.label}
                    </Table.Th>
                  ))}
                  <Table.Th scope="col" ta="right">
                    {t.funnels.rate}
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {data.breakdown.groups.map((group) => (
                  <Table.Tr key={group.value}>
                    <Table.Td>
                      <DimensionValue
                        dimension={data.breakdown?.dimension ?? ''}
                        value={group.value}
                      />
                    </Table.Td>
                    {group.steps.map((step, index) => (
                      <Table.Td key={`${index} ${step.label}`} ta="right">
                        {formatNumber(step.people)}
                      </Table.Td>
                    ))}
                    <Table.Td ta="right">
                      {group.conversion_rate === null
                        ? nothing
                        : formatPercent(group.conversion_rate)}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </ScrollTable>
        </Panel>
      )}
    </Stack>
  );
}
