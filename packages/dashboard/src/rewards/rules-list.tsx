import type { RewardRule, RewardTerms } from '@headwater/client/api';
import { Button, Group } from '@mantine/core';
import { IconGift } from '@tabler/icons-react';
import { useState } from 'react';

import { useRead, useWrite } from '../api/use-api.ts';
import { formatAmount, nothing } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { ask } from '../ui/ask.tsx';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { notifyFault } from '../ui/notify.ts';
import { Panel } from '../ui/panel.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { RuleForm } from './rule-form.tsx';

/** The rules that rewards follow from; a change is a new version, and what was earned stays. */
export function RulesList() {
  const rules = useRead('listRewardRules', {});
  const [editing, setEditing] = useState<RewardRule | 'new'>();
  const create = <Button onClick={() => setEditing('new')}>{t.rewards.create}</Button>;
  return (
    <>
      <Group gap="sm">
        <Button size="xs" onClick={() => setEditing('new')}>
          {t.rewards.create}
        </Button>
        <RowsExport fileName="reward-rules.csv" columns={exported} read={() => rules.data ?? []} />
      </Group>
      <Panel flush>
        <Loaded
          query={rules}
          height={300}
          empty={
            <EmptyState icon={IconGift} title={t.rewards.noRules} action={create}>
              {t.rewards.noRulesHint}
            </EmptyState>
          }
        >
          {(rows) => <RulesTable rules={rows} onEdit={setEditing} />}
        </Loaded>
      </Panel>
      {editing !== undefined && (
        <RuleForm
          onClose={() => setEditing(undefined)}
          {...(editing !== 'new' && { rule: editing })}
        />
      )}
    </>
  );
}

const exported = [
  'id',
  'version',
  'name',
  'active',
  'trigger',
  'referrer',
  'referee',
  'hold_days',
  'effective_from',
] as const satisfies readonly (keyof RewardRule)[];

const column = columnsOf<RewardRule>();

function RulesTable(props: {
  readonly rules: readonly RewardRule[];
  readonly onEdit: (rule: RewardRule) => void;
}) {
  const archive = useWrite('archiveRewardRule', ['listRewardRules']);
  const askToArchive = ({ id, name }: RewardRule) =>
    ask({
      title: t.links.archiveTitle(name),
      hint: t.rewards.archiveHint,
      confirm: t.links.archive,
      onConfirm: () => archive.mutate({ id }, { onError: notifyFault }),
    });
  return (
    <DataTable
      label={t.rewards.rules}
      rows={props.rules}
      rowKey={({ id }) => id}
      minWidth={760}
      columns={[
        column(t.settings.name, ({ name, version }) => t.rewards.ruleVersion(name, version)),
        column(t.rewards.trigger, ({ trigger }) => t.rewards.triggers[trigger]),
        column(t.rewards.sides.referrer, ({ referrer }) => termsText(referrer)),
        column(t.rewards.sides.referee, ({ referee }) => termsText(referee)),
        column(t.rewards.holdDays, ({ hold_days }) => hold_days, { align: 'right' }),
        column(t.keys.state, ({ active }) => (
          <StateBadge color={active ? 'teal' : 'gray'}>
            {active ? t.keys.active : t.codes.states.inactive}
          </StateBadge>
        )),
        column(
          t.actions.more,
          (rule) => (
            <Group gap={6} justify="flex-end" wrap="nowrap">
              <Button
                size="compact-xs"
                variant="default"
                aria-label={t.rewards.editOf(rule.name)}
                onClick={() => props.onEdit(rule)}
              >
                {t.actions.edit}
              </Button>
              <Button
                size="compact-xs"
                variant="light"
                color="red"
                onClick={() => askToArchive(rule)}
              >
                {t.links.archive}
              </Button>
            </Group>
          ),
          { align: 'right' },
        ),
      ]}
    />
  );
}

function termsText(terms: RewardTerms): string {
  if (terms === null) return nothing;
  const { amount, unit, percent } = terms;
  if (percent !== undefined) return t.rewards.percentOf(percent);
  return amount === undefined || unit === undefined ? nothing : formatAmount(amount, unit);
}
