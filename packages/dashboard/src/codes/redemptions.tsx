import { Badge } from '@mantine/core';
import { IconTag } from '@tabler/icons-react';

import { useRead } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Loaded } from '../ui/loaded.tsx';

export interface RedemptionsProps {
  readonly question: { readonly code_id?: string; readonly invitation_id?: string };
}

/** Seats that were taken, newest first. */
export function Redemptions({ question }: RedemptionsProps) {
  const { timezone } = useWorkspace();
  const redemptions = useRead('listRedemptions', { ...question, limit: 10 });
  return (
    <Loaded query={redemptions} empty={<EmptyState icon={IconTag} title={t.codes.noRedemptions} />}>
      {(rows) => (
        <DataTable
          label={t.codes.redemptions}
          rows={rows}
          rowKey={(redemption) => redemption.id}
          minWidth={420}
          columns={[
            {
              id: 'when',
              header: t.events.when,
              cell: ({ row }) => formatInstant(row.original.redeemed_at, timezone),
            },
            {
              id: 'who',
              header: t.events.who,
              cell: ({ row: { original: redemption } }) =>
                `${redemption.entity.type} ${redemption.entity.id ?? t.codes.forgotten}`,
            },
            {
              id: 'state',
              header: t.keys.state,
              cell: ({ row: { original: redemption } }) => (
                <>
                  <Badge
                    size="sm"
                    variant="light"
                    tt="none"
                    color={redemption.status === 'active' ? 'teal' : 'gray'}
                  >
                    {t.codes.redemptionStates[redemption.status]}
                  </Badge>
                  {redemption.self_referral && (
                    <Badge size="sm" variant="light" color="orange" tt="none">
                      {t.codes.selfReferral}
                    </Badge>
                  )}
                </>
              ),
            },
          ]}
        />
      )}
    </Loaded>
  );
}
