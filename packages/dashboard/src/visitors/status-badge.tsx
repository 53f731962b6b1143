import type { VisitorResponse } from '@headwater/client/api';
import { Badge } from '@mantine/core';

import { t } from '../messages/messages.ts';

const colors = {
  anonymous: 'gray',
  identified: 'blue',
  lead: 'grape',
  customer: 'teal',
  churned: 'orange',
} as const satisfies Record<VisitorResponse['status'], string>;

export function StatusBadge({ status }: Pick<VisitorResponse, 'status'>) {
  return (
    <Badge variant="light" color={colors[status]} tt="none" size="sm" miw="max-content">
      {t.visitors.statuses[status]}
    </Badge>
  );
}
