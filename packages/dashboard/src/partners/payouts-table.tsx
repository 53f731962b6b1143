import { useState } from 'react';

import type { Payout } from '@headwater/client/api';
import { Button, Group, Stack, Text } from '@mantine/core';

import { useWorkspace } from '../app/use-workspace.ts';
import { formatAmount, nothing } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { useMay } from '../session/use-may.ts';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { MarkPayout } from './mark-payout.tsx';
import type { Marking } from './mark-payout.tsx';
import { PartnerLink } from './partner-link.tsx';
import { PayoutBadge } from './payout-badge.tsx';
import { usePartnerNames } from './use-partner-names.ts';

const column = columnsOf<Payout>();

export interface PayoutsTableProps {
  readonly payouts: readonly Payout[];
  /** @default true */
  readonly hasPartner?: boolean;
  /** @default true */
  readonly hasBatch?: boolean;
}

export function PayoutsTable({ payouts, hasPartner = true, hasBatch = true }: PayoutsTableProps) {
  const { timezone } = useWorkspace();
  const may = useMay();
  const names = usePartnerNames(hasPartner ? payouts.map((one) => one.partner_id) : []);
  const [marking, setMarking] = useState<Marking>();
  return (
    <>
      <DataTable
        label={t.nav.payouts}
        rows={payouts}
        rowKey={({ id }) => id}
        minWidth={760}
        columns={[
          column(t.events.when, ({ inserted_at, batch_id }) =>
            hasBatch ? (
              <TextLink to="/payouts/$id" params={{ id: batch_id }} size="sm">
                {formatInstant(inserted_at, timezone)}
              </TextLink>
            ) : (
              formatInstant(inserted_at, timezone)
            ),
          ),
          ...(hasPartner
            ? [
                column(t.partners.partner, ({ partner_id }) => (
                  <PartnerLink id={partner_id} names={names} />
                )),
              ]
            : []),
          column(t.keys.state, ({ status, settled_at }) => (
            <Stack gap={2} align="flex-start">
              <PayoutBadge status={status} />
              {settled_at !== null && (
                <Text size="xs" c="dimmed">
                  {formatInstant(settled_at, timezone)}
                </Text>
              )}
            </Stack>
          )),
          column(t.payouts.reference, ({ reference }) => reference ?? nothing),
          column(t.rewards.amount, ({ amount, unit }) => formatAmount(amount, unit), {
            align: 'right',
          }),
          ...(may.write
            ? [
                column(
                  t.actions.more,
                  (payout) => <MarkButtons payout={payout} onMark={setMarking} />,
                  { align: 'right' },
                ),
              ]
            : []),
        ]}
      />
      {marking !== undefined && (
        <MarkPayout marking={marking} onClose={() => setMarking(undefined)} />
      )}
    </>
  );
}

function MarkButtons(props: {
  readonly payout: Payout;
  readonly onMark: (marking: Marking) => void;
}) {
  const { payout, onMark } = props;
  if (payout.status !== 'pending') return null;
  const amount = formatAmount(payout.amount, payout.unit);
  return (
    <Group gap={6} justify="flex-end" wrap="nowrap">
      {(['paid', 'failed'] as const).map((status) => (
        <Button
          key={status}
          size="compact-xs"
          variant="light"
          color={status === 'paid' ? 'teal' : 'red'}
          aria-label={t.payouts.markOf[status](amount)}
          onClick={() => onMark({ payouts: [payout], status })}
        >
          {t.payouts.mark[status]}
        </Button>
      ))}
    </Group>
  );
}
