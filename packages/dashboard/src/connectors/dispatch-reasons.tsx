import type { Input } from '@headwater/client/api';
import { Chip, Group } from '@mantine/core';

import { useRead } from '../api/use-api.ts';
import { formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';

export interface DispatchReasonsProps {
  readonly question: Input<'summariseDispatches'>;
  readonly chosen: string | undefined;
  readonly onChoose: (reason: string | undefined) => void;
}

/** Why conversions did not arrive, with how many of each; one narrows the list to itself. */
export function DispatchReasons({ question, chosen, onChoose }: DispatchReasonsProps) {
  const counts = useRead('summariseDispatches', { ...question, reason: undefined });
  const reasons = new Map<string, number>();
  for (const { reason, count } of counts.data ?? [])
    if (reason !== null) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
  if (reasons.size === 0) return null;
  return (
    <Group gap="xs" role="group" aria-label={t.dispatches.reason}>
      {[...reasons]
        .sort(([, one], [, other]) => other - one)
        .map(([reason, count]) => (
          <Chip
            key={reason}
            size="xs"
            checked={reason === chosen}
            onChange={(isChosen) => onChoose(isChosen ? reason : undefined)}
          >
            {t.dispatches.reasonCount(reason, formatNumber(count))}
          </Chip>
        ))}
    </Group>
  );
}
