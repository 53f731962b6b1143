import type { Commission } from '@headwater/client/api';
import { Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';

import { fieldErrors } from '../api/fault-message.ts';
import { useWrite } from '../api/use-api.ts';
import { formatAmount } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { notifyDone } from '../ui/notify.ts';

export interface Deciding {
  readonly commission: Commission;
  readonly decision: 'approved' | 'rejected';
}

const stale = [
  'listCommissions',
  'getCommissionTotals',
  'getPartnerOverview',
  'listDuePayouts',
  'listLedgerEntries',
] as const;

/** Says that a commission is good or none, and why. It can be decided otherwise later. */
export function DecideDialog(props: { readonly deciding: Deciding; readonly onClose: () => void }) {
  const { deciding, onClose } = props;
  const { commission, decision } = deciding;
  const decide = useWrite('decideCommission', stale);
  const form = useForm({ initialValues: { note: commission.note ?? '' } });
  const amount = formatAmount(commission.granted, commission.unit);
  return (
    <FormDialog
      title={t.commissions.decideTitles[decision](amount)}
      isOpen
      onClose={onClose}
      submit={t.commissions.decide[decision]}
      isBusy={decide.isPending}
      fault={decide.error}
      onSubmit={form.onSubmit(({ note }) =>
        decide.mutate(
          { id: commission.id, body: { decision, ...(note !== '' && { note }) } },
          {
            onSuccess: () => {
              notifyDone(t.commissions.decided[decision]);
              onClose();
            },
          },
        ),
      )}
    >
      <Text size="sm">{t.commissions.decideHints[decision]}</Text>
      <Textarea
        label={t.commissions.note}
        description={t.commissions.noteHint}
        maxLength={1000}
        autosize
        minRows={2}
        data-autofocus
        {...form.getInputProps('note')}
        error={fieldErrors(decide.error)['note']}
      />
    </FormDialog>
  );
}
