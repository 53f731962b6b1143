import { useState } from 'react';

import type { LedgerBalance } from '@headwater/client/api';
import { Button, Group, NumberInput, SimpleGrid, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure, useId } from '@mantine/hooks';

import { fieldErrors } from '../api/fault-message.ts';
import { useRead, useWrite } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatAmount, minorUnitsOf } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { StatCard } from '../overview/stat-card.tsx';
import { EmptyPanel } from '../overview/empty-panel.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { notifyDone } from '../ui/notify.ts';
import { Panel } from '../ui/panel.tsx';

const stale = ['getLedgerBalances', 'listLedgerEntries'] as const;

/** What one account has of each unit, and what can be done with it. */
export function AccountBalances({ accountId }: { readonly accountId: string }) {
  const balances = useRead('getLedgerBalances', { account_id: accountId });
  const [isAdjusting, adjusting] = useDisclosure();
  const [paying, setPaying] = useState<LedgerBalance>();
  return (
    <Panel
      title={t.ledger.balanceOf(accountId)}
      actions={
        <Button size="xs" variant="default" onClick={adjusting.open}>
          {t.ledger.adjust}
        </Button>
      }
    >
      <Loaded query={balances} height={90} empty={<EmptyPanel />}>
        {(rows) => (
          <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
            {rows.map((row) => (
              <StatCard
                key={row.unit}
                label={t.ledger.available}
                value={formatAmount(row.available, row.unit)}
                details={
                  <Group justify="space-between">
                    {t.ledger.heldAndPaid(
                      formatAmount(row.held, row.unit),
                      formatAmount(row.paid, row.unit),
                    )}
                    <Button
                      size="compact-xs"
                      disabled={row.available <= 0}
                      onClick={() => setPaying(row)}
                    >
                      {t.ledger.payOut}
                    </Button>
                  </Group>
                }
              />
            ))}
          </SimpleGrid>
        )}
      </Loaded>
      {paying !== undefined && (
        <PayOutForm accountId={accountId} balance={paying} onClose={() => setPaying(undefined)} />
      )}
      {isAdjusting && <AdjustForm accountId={accountId} onClose={adjusting.close} />}
    </Panel>
  );
}

/** The name of one entry: a form that is sent twice makes one. */
function useEntryName(): string {
  const id = useId();
  const [opened] = useState(() => Date.now());
  return `dashboard-${opened}-${id}`;
}

function PayOutForm(props: {
  readonly accountId: string;
  readonly balance: LedgerBalance;
  readonly onClose: () => void;
}) {
  const { accountId, balance, onClose } = props;
  const { unit, available } = balance;
  const payOut = useWrite('payOutLedgerAccount', stale);
  const entryName = useEntryName();
  const form = useForm({
    initialValues: { amount: available / minorUnitsOf(unit), description: '' },
  });
  return (
    <FormDialog
      title={t.ledger.payOutTitle(accountId)}
      isOpen
      onClose={onClose}
      submit={t.ledger.payOut}
      isBusy={payOut.isPending}
      fault={payOut.error}
      onSubmit={form.onSubmit(({ amount, description }) =>
        payOut.mutate(
          {
            body: {
              account: { type: 'user', id: accountId },
              unit,
              amount: Math.round(amount * minorUnitsOf(unit)),
              idempotency_key: entryName,
              ...(description !== '' && { description }),
            },
          },
          {
            onSuccess: () => {
              notifyDone(t.ledger.paidOut);
              onClose();
            },
          },
        ),
      )}
    >
      <NumberInput
        label={t.rewards.amount}
        description={t.ledger.payOutHint(formatAmount(available, unit))}
        suffix={` ${unit}`}
        min={0}
        data-autofocus
        {...form.getInputProps('amount')}
        error={fieldErrors(payOut.error)['amount']}
      />
      <TextInput label={t.codes.description} {...form.getInputProps('description')} />
    </FormDialog>
  );
}

function AdjustForm(props: { readonly accountId: string; readonly onClose: () => void }) {
  const { accountId, onClose } = props;
  const { currency } = useWorkspace();
  const adjust = useWrite('adjustLedgerAccount', stale);
  const entryName = useEntryName();
  const form = useForm({ initialValues: { amount: 0, unit: currency, description: '' } });
  const refused = fieldErrors(adjust.error);
  return (
    <FormDialog
      title={t.ledger.adjust}
      isOpen
      onClose={onClose}
      submit={t.ledger.adjust}
      isBusy={adjust.isPending}
      fault={adjust.error}
      onSubmit={form.onSubmit(({ amount, unit, description }) =>
        adjust.mutate(
          {
            body: {
              account: { type: 'user', id: accountId },
              unit,
              amount: Math.round(amount * minorUnitsOf(unit)),
              idempotency_key: entryName,
              ...(description !== '' && { description }),
            },
          },
          {
            onSuccess: () => {
              notifyDone(t.states.saved);
              onClose();
            },
          },
        ),
      )}
    >
      <NumberInput
        label={t.rewards.amount}
        description={t.ledger.adjustHint}
        data-autofocus
        {...form.getInputProps('amount')}
        error={refused['amount']}
      />
      <TextInput
        label={t.rewards.unit}
        description={t.rewards.unitHint}
        {...form.getInputProps('unit')}
        error={refused['unit']}
      />
      <TextInput label={t.codes.description} {...form.getInputProps('description')} />
    </FormDialog>
  );
}
