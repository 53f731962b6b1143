import type { CommissionRule } from '@headwater/client/api';
import { Text } from '@mantine/core';

import { useWorkspace } from '../app/use-workspace.ts';
import { t } from '../messages/messages.ts';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { conditionWords, termsWords } from './rule-words.ts';
import { usePartnerNames } from './use-partner-names.ts';

const column = columnsOf<CommissionRule>();

/** The rules of one version of a programme. */
export function RulesTable(props: {
  readonly label: string;
  readonly rules: readonly CommissionRule[];
}) {
  const { currency } = useWorkspace();
  const names = usePartnerNames(props.rules.flatMap(({ partner_id }) => partner_id ?? []));
  if (props.rules.length === 0)
    return (
      <Text size="sm" c="dimmed" p="md">
        {t.programs.noRules}
      </Text>
    );
  return (
    <DataTable
      label={props.label}
      rows={props.rules}
      rowKey={({ name }) => name}
      minWidth={620}
      columns={[
        column(t.programs.rule, ({ name }) => name),
        column(t.rewards.trigger, ({ trigger }) => t.commissions.triggers[trigger]),
        column(t.programs.pays, (rule) => termsWords(rule, currency)),
        column(t.programs.conditions, (rule) => (
          <Text size="sm" maw={380}>
            {conditionWords(rule, currency, names).join(', ')}
          </Text>
        )),
        column(t.rewards.holdDays, ({ hold_days = 0 }) => hold_days, { align: 'right' }),
      ]}
    />
  );
}
