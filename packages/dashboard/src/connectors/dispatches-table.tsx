import type { DispatchResponse } from '@headwater/client/api';
import { Text } from '@mantine/core';

import { useWorkspace } from '../app/use-workspace.ts';
import { nothing } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { DispatchBadge } from './dispatch-badge.tsx';
import { usePlatformName } from './use-platform-name.ts';

export interface DispatchesTableProps {
  readonly dispatches: readonly DispatchResponse[];
  /** Without what a place beside another panel has no room for. */
  readonly isShort?: boolean;
}

const column = columnsOf<DispatchResponse>();

/** Conversions on their way to platforms, each with the reason where it did not arrive. */
export function DispatchesTable({ dispatches, isShort = false }: DispatchesTableProps) {
  const { timezone } = useWorkspace();
  const nameOf = usePlatformName();
  return (
    <DataTable
      label={t.dispatches.title}
      rows={dispatches}
      rowKey={({ id }) => id}
      minWidth={isShort ? 460 : 860}
      columns={[
        column(t.events.when, ({ id, occurred_at }) => (
          <TextLink to="/dispatches/$id" params={{ id }} size="sm" fw={600}>
            {formatInstant(occurred_at, timezone)}
          </TextLink>
        )),
        ...(isShort ? [] : [column(t.connectors.platform, ({ connector }) => nameOf(connector))]),
        column(t.dispatches.conversion, ({ event_type }) => t.eventTypes[event_type as 'sale']),
        column(t.keys.state, ({ status }) => <DispatchBadge status={status} />),
        column(t.dispatches.reason, ({ reason, message }) => (
          <>
            <Text size="sm">{reason ?? nothing}</Text>
            {!isShort && message !== null && (
              <Text size="xs" c="dimmed" lineClamp={2}>
                {message}
              </Text>
            )}
          </>
        )),
        ...(isShort
          ? []
          : [
              column(t.dispatches.attempts, ({ attempts }) => attempts, {
                align: 'right',
              }),
              column(t.events.who, ({ visitor_id }) => (
                <TextLink to="/visitors/$id" params={{ id: visitor_id }} size="sm">
                  {t.dispatches.visitor(visitor_id.slice(-6))}
                </TextLink>
              )),
            ]),
      ]}
    />
  );
}
