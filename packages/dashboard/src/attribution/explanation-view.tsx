import type { ConversionExplanation } from '@headwater/client/api';
import { Badge, Group, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';

import { useRead } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatMoney, formatPercent, nothing } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { ScrollTable } from '../ui/scroll-table.tsx';
import { modelLabel } from './model-names.ts';

const shown = ['first_touch', 'last_non_direct', 'linear', 'time_decay'];

/** Why a conversion is credited as it is: every touch, and why it counts or does not. */
export function ExplanationView() {
  const { id = '' } = useParams({ strict: false });
  const explanation = useRead('explainConversion', { id, models: shown.join(',') });
  return (
    <Page title={t.attribution.explainTitle} description={t.attribution.explainIntro}>
      <Loaded query={explanation} height={400}>
        {(data) => <Explanation data={data} />}
      </Loaded>
    </Page>
  );
}

function Explanation({ data }: { readonly data: ConversionExplanation }) {
  const { timezone } = useWorkspace();
  const { conversion, candidates, models, counts, reason } = data;
  const amount = (value: number): string =>
    conversion.currency === null
      ? nothing
      : formatMoney({ amount: value, currency: conversion.currency });
  return (
    <Stack gap="md">
      <Panel>
        <Group justify="space-between">
          <div>
            <Text fw={600}>
              {t.eventTypes[conversion.goal]}
              {conversion.net_amount !== null && ` · ${amount(conversion.net_amount)}`}
            </Text>
            <Text size="sm" c="dimmed">
              {formatInstant(conversion.occurred_at, timezone)} ·{' '}
              <TextLink
                to="/visitors/$id"
                params={{ id: conversion.person_id }}
                size="sm"
                underline="always"
              >
                {t.visitors.visitor}
              </TextLink>
            </Text>
          </div>
          <Badge color={counts ? 'teal' : 'orange'} variant="light" tt="none">
            {reason}
          </Badge>
        </Group>
      </Panel>
      <Panel title={t.attribution.touches} flush>
        <ScrollTable minWidth={720} label={t.attribution.touches}>
          <Table horizontalSpacing="md" aria-label={t.attribution.touches}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{t.events.when}</Table.Th>
                <Table.Th scope="col">{t.dimensions.source}</Table.Th>
                <Table.Th scope="col">{t.attribution.verdict}</Table.Th>
                {models.map(({ model }) => (
                  <Table.Th key={model} scope="col" ta="right">
                    {modelLabel(model)}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {candidates.map((touch) => (
                <Table.Tr key={touch.id}>
                  <Table.Td>{formatInstant(touch.occurred_at, timezone)}</Table.Td>
                  <Table.Td>
                    {[touch.channel, touch.source, touch.campaign].filter(Boolean).join(' / ') ||
                      nothing}
                  </Table.Td>
                  <Table.Td>
                    <Badge
                      size="sm"
                      variant="light"
                      color={touch.verdict === 'eligible' ? 'teal' : 'gray'}
                      tt="none"
                    >
                      {t.attribution.verdicts[touch.verdict]}
                    </Badge>
                    <Text size="xs" c="dimmed">
                      {touch.reason}
                    </Text>
                  </Table.Td>
                  {models.map(({ model, credits }) => {
                    const credit = credits.find(({ touch_id: touchId }) => touchId === touch.id);
                    return (
                      <Table.Td key={model} ta="right" title={credit?.reason}>
                        {credit === undefined ? nothing : formatPercent(credit.weight)}
                      </Table.Td>
                    );
                  })}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollTable>
      </Panel>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        {models.map(({ model, credits }) => (
          <Panel key={model} title={modelLabel(model)}>
            <Stack gap={6}>
              {credits.length === 0 && (
                <Text size="sm" c="dimmed">
                  {t.attribution.unattributed}
                </Text>
              )}
              {credits.map((credit) => (
                <Text size="sm" key={credit.touch_id}>
                  <strong>{formatPercent(credit.weight)}</strong> · {amount(credit.amount)} ·{' '}
                  {credit.reason}
                </Text>
              ))}
            </Stack>
          </Panel>
        ))}
      </SimpleGrid>
    </Stack>
  );
}
