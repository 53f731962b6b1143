import type { ListedEvent } from '@headwater/client/api';
import { Code, Group, Modal, Stack, Text, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { ColumnDef } from '@tanstack/react-table';

import { useWorkspace } from '../app/use-workspace.ts';
import { formatMoney, nothing } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { DataTable } from '../ui/data-table.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { EventIcon } from '../visitors/event-icon.tsx';
import { eventTitle } from '../visitors/event-words.ts';

export function EventsTable({ events }: { readonly events: readonly ListedEvent[] }) {
  const { timezone } = useWorkspace();
  const [shown, setShown] = useState<ListedEvent>();
  const columns: ColumnDef<ListedEvent>[] = [
    {
      id: 'what',
      header: t.events.what,
      cell: ({ row: { original: event } }) => (
        <Group gap="xs" wrap="nowrap">
          <EventIcon type={event.event_type} />
          <UnstyledButton onClick={() => setShown(event)} fz="sm" fw={600}>
            {eventTitle(event)}
          </UnstyledButton>
          {event.amount_cents !== null && event.currency !== null && (
            <Text size="sm">
              {formatMoney({ amount: event.amount_cents, currency: event.currency })}
            </Text>
          )}
        </Group>
      ),
    },
    {
      id: 'when',
      header: t.events.when,
      cell: ({ row }) => formatInstant(row.original.occurred_at, timezone),
    },
    {
      id: 'who',
      header: t.events.who,
      cell: ({ row: { original: event } }) =>
        event.person_id === null ? (
          <Text size="sm" c="dimmed">
            {event.machine ?? nothing}
          </Text>
        ) : (
          <TextLink to="/visitors/$id" params={{ id: event.person_id }} size="sm">
            {event.person_id.slice(-6)}
          </TextLink>
        ),
    },
    {
      id: 'source',
      header: t.dimensions.source,
      cell: ({ row: { original: event } }) =>
        [event.channel, event.source_platform].filter(Boolean).join(' / ') || nothing,
    },
    {
      id: 'page',
      header: t.dimensions.page,
      cell: ({ row }) => (
        <Text size="sm" lineClamp={1} maw={300} title={row.original.url ?? undefined}>
          {row.original.url?.replace(/^https?:\/\/[^/]*/, '') ?? nothing}
        </Text>
      ),
    },
  ];
  return (
    <>
      <DataTable
        label={t.nav.events}
        columns={columns}
        rows={events}
        rowKey={(event) => event.id}
        minWidth={860}
      />
      <Modal
        opened={shown !== undefined}
        onClose={() => setShown(undefined)}
        title={shown === undefined ? '' : eventTitle(shown)}
        size="lg"
        closeButtonProps={{ 'aria-label': t.actions.close }}
      >
        {shown !== undefined && (
          <Stack gap="xs">
            <Text size="sm">{formatInstant(shown.occurred_at, timezone)}</Text>
            <Code block>{JSON.stringify(shown, null, 2)}</Code>
          </Stack>
        )}
      </Modal>
    </>
  );
}
