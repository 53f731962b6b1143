import type { Commission } from '@headwater/client/api';
import { Button, Group } from '@mantine/core';

import { formatAmount } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import type { Deciding } from './decide-dialog.tsx';

/** What can be decided of a commission now; a decision can be changed. */
export function DecisionButtons(props: {
  readonly commission: Commission;
  readonly onDecide: (deciding: Deciding) => void;
  /** @default as in a table */
  readonly size?: 'compact-xs' | 'xs';
}) {
  const { commission, onDecide, size = 'compact-xs' } = props;
  const { status, decision, granted, unit } = commission;
  const amount = formatAmount(granted, unit);
  const mayApprove = status === 'review' || decision === 'rejected';
  const mayReject = decision !== 'rejected' && ['review', 'held', 'available'].includes(status);
  return (
    <Group gap={6} justify="flex-end" wrap="nowrap">
      {mayApprove && (
        <Button
          size={size}
          variant="light"
          color="teal"
          aria-label={t.commissions.decideTitles.approved(amount)}
          onClick={() => onDecide({ commission, decision: 'approved' })}
        >
          {t.commissions.decide.approved}
        </Button>
      )}
      {mayReject && (
        <Button
          size={size}
          variant="light"
          color="red"
          aria-label={t.commissions.decideTitles.rejected(amount)}
          onClick={() => onDecide({ commission, decision: 'rejected' })}
        >
          {t.commissions.decide.rejected}
        </Button>
      )}
    </Group>
  );
}
