import type { AttributionPaths } from '@headwater/client/api';
import { Badge, Group, Table, Text } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { Fragment } from 'react';

import { formatMoneys, formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { EmptyPanel } from '../overview/empty-panel.tsx';
import { DimensionValue } from '../report/dimension-value.tsx';
import { Panel } from '../ui/panel.tsx';
import { ScrollTable } from '../ui/scroll-table.tsx';

const stepsShown = 6;

/** The ways that led to conversions most often. */
export function PathsPanel({ data }: { readonly data: AttributionPaths }) {
  return (
    <Panel title={t.attribution.paths} flush>
      {data.paths.length === 0 ? (
        <EmptyPanel />
      ) : (
        <ScrollTable minWidth={480} label={t.attribution.paths}>
          <Table horizontalSpacing="md" aria-label={t.attribution.paths}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{t.attribution.path}</Table.Th>
                <Table.Th scope="col" ta="right">
                  {t.metrics.conversions}
                </Table.Th>
                <Table.Th scope="col" ta="right">
                  {t.metrics.revenue}
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.paths.map((path) => (
                <Table.Tr key={JSON.stringify(path.steps)}>
                  <Table.Td>
                    <Group gap={4}>
                      {path.steps.slice(0, stepsShown).map((step, index) => (
                        // A path may come by the same value twice, so the place is part of the name.
                        <Fragment key={`${index} ${step.value}`}>
                          {index > 0 && (
                            <IconChevronRight size={12} aria-label={t.attribution.step} />
                          )}
                          <Badge
                            variant="light"
                            color={step.kind === 'value' ? 'river' : 'gray'}
                            tt="none"
                          >
                            {step.kind === 'value'
                              ? (step.label ?? (
                                  <DimensionValue dimension={data.dimension} value={step.value} />
                                ))
                              : t.attribution.kinds[step.kind]}
                          </Badge>
                        </Fragment>
                      ))}
                      {path.steps.length > stepsShown && (
                        <Text size="xs" c="dimmed">
                          {t.attribution.moreSteps(path.steps.length - stepsShown)}
                        </Text>
                      )}
                    </Group>
                  </Table.Td>
                  <Table.Td ta="right">{formatNumber(path.conversions)}</Table.Td>
                  <Table.Td ta="right">{formatMoneys(path.revenue)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollTable>
      )}
    </Panel>
  );
}
