import { useState } from 'react';

import type { Payout } from '@headwater/client/api';
import { Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { fieldErrors } from '../api/fault-message.ts';
import { useWrite } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { notifyDone } from '../ui/notify.ts';

export interface Marking {
  /** One, or all of a batch that wait. */
  readonly payouts: readonly Payout[];
  readonly status: 'paid' | 'failed';
}

const stale = [
  'listPayouts',
  'getPayoutBatch',
  'listDuePayouts',
  'getPartnerOverview',
  'listLedgerEntries',
] as const;

/** Notes what became of payouts: they were paid, or failed and go back to the balance. */
export function MarkPayout(props: { readonly marking: Marking; readonly onClose: () => void }) {
  const { marking, onClose } = props;
  const { payouts, status } = marking;
  const mark = useWrite('markPayout', stale);
  const [isBusy, setBusy] = useState(false);
  const form = useForm({ initialValues: { reference: '' } });
  const save = async ({ reference }: { readonly reference: string }): Promise<void> => {
    setBusy(true);
    try {
      for (const { id } of payouts)
        await mark.mutateAsync({ id, body: { status, ...(reference !== '' && { reference }) } });
      notifyDone(t.payouts.marked[status](payouts.length));
      onClose();
    } catch {
      // The dialog says what was refused; those before it stay marked.
    } finally {
      setBusy(false);
    }
  };
  return (
    <FormDialog
      title={t.payouts.markTitles[status](payouts.length)}
      isOpen
      onClose={onClose}
      submit={t.payouts.mark[status]}
      isBusy={isBusy}
      fault={mark.error}
      onSubmit={form.onSubmit((values) => void save(values))}
    >
      <Text size="sm">{t.payouts.markHints[status]}</Text>
      <TextInput
        label={t.payouts.reference}
        description={t.payouts.referenceHint}
        maxLength={255}
        data-autofocus
        {...form.getInputProps('reference')}
        error={fieldErrors(mark.error)['reference']}
      />
    </FormDialog>
  );
}
