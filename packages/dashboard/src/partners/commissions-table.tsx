import { useState } from 'react';

import type { Commission } from '@headwater/client/api';
import { Stack, Text } from '@mantine/core';

import { useWorkspace } from '../app/use-workspace.ts';
import { formatAmount, nothing } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { useMay } from '../session/use-may.ts';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { CommissionBadge } from './commission-badge.tsx';
import { DecideDialog } from './decide-dialog.tsx';
import type { Deciding } from './decide-dialog.tsx';
import { DecisionButtons } from './decision-buttons.tsx';
import { PartnerLink } from './partner-link.tsx';
import { usePartnerNames } from './use-partner-names.ts';
import { useProgramNames } from './use-program-names.ts';

const column = columnsOf<Commission>();

export function CommissionsTable(props: {
  readonly commissions: readonly Commission[];
  /** Left out where all are of one partner. @default true */
  readonly hasPartner?: boolean;
}) {
  const { commissions, hasPartner = true } = props;
  const { timezone } = useWorkspace();
  const may = useMay();
  const names = usePartnerNames(hasPartner ? commissions.map((one) => one.partner_id) : []);
  const programs = useProgramNames();
  const [deciding, setDeciding] = useState<Deciding>();
  return (
    <>
      <DataTable
        label={t.nav.commissions}
        rows={commissions}
        rowKey={({ id }) => id}
        minWidth={900}
        columns={[
          column(t.events.when, ({ trigger_at }) => formatInstant(trigger_at, timezone)),
          ...(hasPartner
            ? [
                column(t.partners.partner, ({ partner_id }) => (
                  <PartnerLink id={partner_id} names={names} />
                )),
              ]
            : []),
          column(t.commissions.for, (one) => <EarnedFor commission={one} programs={programs} />),
          column(t.visitors.who, ({ visitor_id }) =>
            visitor_id === null ? (
              nothing
            ) : (
              <TextLink to="/visitors/$id" params={{ id: visitor_id }} size="sm">
                {t.dispatches.visitor(visitor_id.slice(-6))}
              </TextLink>
            ),
          ),
          column(t.keys.state, (one) => <CommissionState commission={one} />),
          column(t.rewards.amount, ({ net, granted, unit }) => formatAmount(net || granted, unit), {
            align: 'right',
          }),
          ...(may.write
            ? [
                column(
                  t.actions.more,
                  (one) => <DecisionButtons commission={one} onDecide={setDeciding} />,
                  { align: 'right' },
                ),
              ]
            : []),
        ]}
      />
      {deciding !== undefined && (
        <DecideDialog deciding={deciding} onClose={() => setDeciding(undefined)} />
      )}
    </>
  );
}

/** By what it was earned, and by which rule of which version. */
export function EarnedFor(props: {
  readonly commission: Commission;
  readonly programs: ReadonlyMap<string, string>;
}) {
  const { trigger, rule, program_id, program_version } = props.commission;
  const program = props.programs.get(program_id) ?? program_id.slice(-6);
  return (
    <Stack gap={0}>
      <Text size="sm">{t.commissions.triggers[trigger]}</Text>
      <Text size="xs" c="dimmed">
        {t.commissions.byRule(rule, t.rewards.ruleVersion(program, program_version))}
      </Text>
    </Stack>
  );
}

function CommissionState({ commission }: { readonly commission: Commission }) {
  const { timezone } = useWorkspace();
  const { status, held_until, flags, note } = commission;
  const reasons = flags.map(({ kind }) => t.review.kinds[kind]).join(', ');
  return (
    <Stack gap={2} align="flex-start">
      <CommissionBadge status={status} />
      {status === 'held' && held_until !== null && (
        <Text size="xs" c="dimmed">
          {t.keys.expires(formatInstant(held_until, timezone))}
        </Text>
      )}
      {reasons !== '' && (
        <Text size="xs" c="dimmed">
          {reasons}
        </Text>
      )}
      {note !== null && (
        <Text size="xs" c="dimmed" fs="italic" maw={220}>
          {note}
        </Text>
      )}
    </Stack>
  );
}
