import { useState } from 'react';

import type { DuePayouts as Due } from '@headwater/client/api';
import { Button, Group, NumberInput, SimpleGrid, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconCash } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';

import { fieldErrors } from '../api/fault-message.ts';
import { useRead, useWrite } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { formatAmount, formatNumber, minorUnitsOf } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { StatCard } from '../overview/stat-card.tsx';
import { said } from '../report/said.ts';
import { useMay } from '../session/use-may.ts';
import { ChoiceFilter } from '../ui/choice-filter.tsx';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { notifyDone } from '../ui/notify.ts';
import { Pager, pageSize } from '../ui/pager.tsx';
import { Panel } from '../ui/panel.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { PartnerLink } from './partner-link.tsx';
import type { PayoutsSearch } from './partners-search.ts';
import { ProgramFilter } from './program-filter.tsx';
import { usePartnerNames } from './use-partner-names.ts';

/** What a batch would take now, and the button that makes it. */
export function DuePayouts() {
  const search: PayoutsSearch = useSearch({ strict: false });
  const change = useSearchChange<PayoutsSearch>();
  const may = useMay();
  const { program, unit, minimum } = search;
  // Without a currency a minimum would mean as many yen as dollars.
  const least =
    minimum === undefined || unit === undefined
      ? undefined
      : Math.round(minimum * minorUnitsOf(unit));
  const question = said({ program_id: program, unit, minimum: least });
  const due = useRead('listDuePayouts', question);
  const everything = useRead('listDuePayouts', said({ program_id: program }));
  const units = [...new Set(everything.data?.map((row) => row.unit))].toSorted();
  const setMinimum = useDebouncedCallback(
    (next: number | undefined) => change({ minimum: next, page: undefined }, { replace: true }),
    250,
  );
  const rows = due.data ?? [];
  // What is confirmed is what was shown, whatever is asked meanwhile.
  const [making, setMaking] = useState<Pick<MakePayoutsProps, 'due' | 'question'>>();
  return (
    <>
      <Group gap="sm">
        <ProgramFilter
          value={program}
          onChange={(next) => change({ program: next, page: undefined })}
        />
        <ChoiceFilter
          label={t.settings.currency}
          any={t.payouts.anyCurrency}
          choices={units}
          names={Object.fromEntries(units.map((one) => [one, one]))}
          value={unit}
          onChange={(next) => change({ unit: next, minimum: undefined, page: undefined })}
        />
        <NumberInput
          aria-label={t.payouts.minimum}
          placeholder={unit === undefined ? t.payouts.minimumNeedsCurrency : t.payouts.minimum}
          disabled={unit === undefined}
          min={0}
          w={190}
          {...(unit !== undefined && { suffix: ` ${unit}` })}
          defaultValue={minimum ?? ''}
          key={unit}
          onChange={(next) => setMinimum(typeof next === 'number' && next > 0 ? next : undefined)}
        />
        <RowsExport fileName="due-payouts.csv" columns={exported} read={() => rows} />
        {may.write && (
          <Button
            size="xs"
            // What is shown meanwhile is of the question before.
            disabled={rows.length === 0 || due.isPlaceholderData}
            onClick={() => setMaking({ due: rows, question })}
          >
            {t.payouts.make}
          </Button>
        )}
      </Group>
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
        {totalsOf(rows).map((total) => (
          <StatCard
            key={total.unit}
            label={t.payouts.dueIn(total.unit)}
            value={formatAmount(total.amount, total.unit)}
            details={t.payouts.toPartners(formatNumber(total.partners))}
          />
        ))}
      </SimpleGrid>
      <Panel flush>
        <Loaded
          query={due}
          height={420}
          empty={
            <EmptyState
              icon={IconCash}
              title={t.payouts.nothingDue}
              action={
                <LinkButton to="/commissions" search={{ status: 'held' } as never}>
                  {t.payouts.seeHeld}
                </LinkButton>
              }
            >
              {t.payouts.nothingDueHint}
            </EmptyState>
          }
        >
          {(data) => (
            <DueTable
              due={data}
              page={search.page ?? 1}
              onPage={(page) => change({ page: page === 1 ? undefined : page })}
            />
          )}
        </Loaded>
      </Panel>
      {making !== undefined && <MakePayouts {...making} onClose={() => setMaking(undefined)} />}
    </>
  );
}

const exported = ['partner_id', 'unit', 'amount', 'held'] as const;
const column = columnsOf<Due[number]>();

function DueTable(props: {
  readonly due: Due;
  readonly page: number;
  readonly onPage: (page: number) => void;
}) {
  const { due, page, onPage } = props;
  const rows = due.slice((page - 1) * pageSize, page * pageSize);
  const names = usePartnerNames(rows.map((row) => row.partner_id));
  return (
    <>
      <DataTable
        label={t.payouts.due}
        rows={rows}
        rowKey={({ partner_id, unit }) => `${partner_id} ${unit}`}
        minWidth={460}
        columns={[
          column(t.partners.partner, ({ partner_id }) => (
            <PartnerLink id={partner_id} names={names} />
          )),
          column(t.commissions.statuses.held, ({ held, unit }) => formatAmount(held, unit), {
            align: 'right',
          }),
          column(t.payouts.due, ({ amount, unit }) => formatAmount(amount, unit), {
            align: 'right',
          }),
        ]}
      />
      <Pager page={page} hasNext={due.length > page * pageSize} onChange={onPage} />
    </>
  );
}

interface MakePayoutsProps {
  readonly due: Due;
  readonly question: {
    readonly program_id?: string;
    readonly unit?: string;
    readonly minimum?: number;
  };
  readonly onClose: () => void;
}

function MakePayouts({ due, question, onClose }: MakePayoutsProps) {
  const navigate = useNavigate();
  const make = useWrite('createPayoutBatch', [
    'listDuePayouts',
    'listPayouts',
    'getPartnerOverview',
    'listLedgerEntries',
  ]);
  const form = useForm({ initialValues: { note: '' } });
  return (
    <FormDialog
      title={t.payouts.make}
      isOpen
      onClose={onClose}
      submit={t.payouts.make}
      isBusy={make.isPending}
      fault={make.error}
      onSubmit={form.onSubmit(({ note }) =>
        make.mutate(
          { body: { ...question, ...(note !== '' && { note }) } },
          {
            onSuccess: ({ id, payouts }) => {
              notifyDone(t.payouts.made(payouts.length));
              void navigate({ to: '/payouts/$id', params: { id } });
            },
          },
        ),
      )}
    >
      <Text size="sm">
        {t.payouts.makeHint(
          totalsOf(due)
            .map(({ amount, unit }) => formatAmount(amount, unit))
            .join(' + '),
        )}
      </Text>
      <TextInput
        label={t.payouts.note}
        placeholder={t.payouts.notePlaceholder}
        maxLength={255}
        data-autofocus
        {...form.getInputProps('note')}
        error={fieldErrors(make.error)['note']}
      />
    </FormDialog>
  );
}

/** Every currency by itself. */
export function totalsOf(
  rows: ReadonlyArray<{
    readonly partner_id: string;
    readonly unit: string;
    readonly amount: number;
  }>,
): Array<{ readonly unit: string; readonly amount: number; readonly partners: number }> {
  return [...Map.groupBy(rows, ({ unit }) => unit)].map(([unit, own]) => ({
    unit,
    amount: own.reduce((sum, { amount }) => sum + amount, 0),
    partners: new Set(own.map(({ partner_id }) => partner_id)).size,
  }));
}
