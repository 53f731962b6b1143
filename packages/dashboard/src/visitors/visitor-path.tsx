import { Accordion, Badge, Group, Select, Stack, Table, Text } from '@mantine/core';
import { IconRoute } from '@tabler/icons-react';
import { useState } from 'react';

import { useRead } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { modelLabel, pathModelNames } from '../attribution/model-names.ts';
import { formatMoney, formatPercent, nothing } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { SourceText } from '../ui/source-text.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { ScrollTable } from '../ui/scroll-table.tsx';
import { TouchConsent } from './touch-consent.tsx';

/** How somebody came, touch by touch, and what each touch gets for what they did. */
export function VisitorPath({ id }: { readonly id: string }) {
  const { timezone } = useWorkspace();
  const [model, setModel] = useState('last_non_direct');
  const path = useRead('getVisitorAttribution', { id, limit: 100 });
  const credits = useRead('getVisitorCredits', { id, models: model });
  return (
    <Stack gap="lg">
      <Loaded
        query={path}
        isEmpty={({ attribution_path: touches }) => touches.length === 0}
        empty={
          <EmptyState icon={IconRoute} title={t.visitors.noPath}>
            {t.visitors.noPathHint}
          </EmptyState>
        }
      >
        {({ attribution_path: touches }) => (
          <ScrollTable minWidth={900} label={t.visitors.tabs.path}>
            <Table aria-label={t.visitors.tabs.path} verticalSpacing="xs">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">{t.events.when}</Table.Th>
                  <Table.Th scope="col">{t.dimensions.source}</Table.Th>
                  <Table.Th scope="col">{t.visitors.landing}</Table.Th>
                  <Table.Th scope="col">{t.visitors.consent}</Table.Th>
                  <Table.Th scope="col">{t.visitors.rule}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {touches.map((touch) => (
                  <Table.Tr key={touch.id}>
                    <Table.Td style={{ whiteSpace: 'nowrap' }}>
                      {formatInstant(touch.occurred_at, timezone)}
                    </Table.Td>
                    <Table.Td>
                      <SourceText source={touch} />
                    </Table.Td>
                    <Table.Td>
                      <Text size="sm" lineClamp={1} maw={320}>
                        {touch.url?.replace(/^https?:\/\//, '') ?? nothing}
                      </Text>
                    </Table.Td>
                    <Table.Td>
                      <TouchConsent consent={touch.consent} />
                    </Table.Td>
                    <Table.Td>
                      <Group gap={4} wrap="nowrap">
                        <Text size="xs" c="dimmed">
                          {touch.rule}
                        </Text>
                        {touch.confidence !== null && (
                          <Badge
                            size="xs"
                            variant="outline"
                            color="gray"
                            tt="none"
                            miw="max-content"
                          >
                            {touch.confidence}
                          </Badge>
                        )}
                      </Group>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </ScrollTable>
        )}
      </Loaded>
      <Group justify="space-between">
        <Text fw={600}>{t.visitors.credits}</Text>
        <Select
          aria-label={t.attribution.model}
          data={pathModelNames.map((name) => ({ value: name, label: modelLabel(name) }))}
          value={model}
          allowDeselect={false}
          onChange={(next) => next !== null && setModel(next)}
        />
      </Group>
      <Loaded
        query={credits}
        isEmpty={({ conversions }) => conversions.length === 0}
        empty={<Text c="dimmed">{t.visitors.noConversions}</Text>}
      >
        {({ conversions }) => (
          <Accordion
            variant="separated"
            multiple
            defaultValue={conversions.slice(0, 1).map(({ conversion }) => conversion.id)}
          >
            {conversions.map(({ conversion, touches }) => (
              <Accordion.Item key={conversion.id} value={conversion.id}>
                <Accordion.Control>
                  <Group gap="sm">
                    <Text fw={600} size="sm">
                      {t.eventTypes[conversion.goal]}
                    </Text>
                    {conversion.net_amount !== null && conversion.currency !== null && (
                      <Text size="sm">
                        {formatMoney({
                          amount: conversion.net_amount,
                          currency: conversion.currency,
                        })}
                      </Text>
                    )}
                    <Text size="xs" c="dimmed">
                      {formatInstant(conversion.occurred_at, timezone)}
                    </Text>
                  </Group>
                </Accordion.Control>
                <Accordion.Panel>
                  <Stack gap={6}>
                    {touches.length === 0 && (
                      <Text size="sm" c="dimmed">
                        {t.attribution.unattributed}
                      </Text>
                    )}
                    {touches.map(({ touch, credits: byModel }) => {
                      const credit = Object.values(byModel)[0];
                      return (
                        <Group key={touch.id} justify="space-between" wrap="nowrap" gap="sm">
                          <Group gap="xs" wrap="nowrap" miw={0}>
                            <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                              {formatInstant(touch.occurred_at, timezone)}
                            </Text>
                            <Text size="sm" truncate>
                              {[touch.channel, touch.source, touch.campaign]
                                .filter(Boolean)
                                .join(' / ')}
                            </Text>
                          </Group>
                          <Text size="sm" fw={600} style={{ whiteSpace: 'nowrap' }}>
                            {credit === undefined ? nothing : formatPercent(credit.weight)}
                            {credit !== undefined &&
                              conversion.currency !== null &&
                              credit.amount !== 0 &&
                              ` · ${formatMoney({ amount: credit.amount, currency: conversion.currency })}`}
                          </Text>
                        </Group>
                      );
                    })}
                    <TextLink to="/conversions/$id" params={{ id: conversion.id }} size="xs">
                      {t.attribution.explain}
                    </TextLink>
                  </Stack>
                </Accordion.Panel>
              </Accordion.Item>
            ))}
          </Accordion>
        )}
      </Loaded>
    </Stack>
  );
}
