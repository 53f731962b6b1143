import type { ReferralCodeResponse } from '@headwater/client/api';
import { Button, Group, Modal, NumberInput, Stack, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { fieldErrors } from '../api/fault-message.ts';
import { useWrite } from '../api/use-api.ts';
import { ExpiryInput } from '../links/expiry-input.tsx';
import { t } from '../messages/messages.ts';
import { Failed } from '../ui/loaded.tsx';
import { notifyDone } from '../ui/notify.ts';

export interface CodeFormProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** What is changed; without it a new one is made. */
  readonly code?: ReferralCodeResponse;
}

interface Values {
  code: string;
  description: string;
  usesMax: number | '';
  expiresAt: string;
  beneficiary: string;
  active: boolean;
}

const stale = ['listReferralCodes', 'getReferralCode', 'getReferralTotals'] as const;

export function CodeForm({ isOpen, onClose, code }: CodeFormProps) {
  const create = useWrite('createReferralCode', stale);
  const update = useWrite('updateReferralCode', stale);
  const form = useForm<Values>({
    initialValues: {
      code: code?.code ?? '',
      description: code?.description ?? '',
      usesMax: code?.uses_max ?? '',
      expiresAt: code?.expires_at ?? '',
      beneficiary: code?.beneficiary_id ?? '',
      active: code?.active ?? true,
    },
  });
  const fault = create.error ?? update.error;
  const refused = fieldErrors(fault);
  const done = {
    onSuccess: () => {
      notifyDone(t.states.saved);
      onClose();
    },
  };
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={code === undefined ? t.codes.create : t.codes.edit}
      closeButtonProps={{ 'aria-label': t.actions.close }}
    >
      <form
        onSubmit={form.onSubmit((values) => {
          const body = {
            description: values.description === '' ? null : values.description,
            active: values.active,
            expires_at: values.expiresAt === '' ? null : values.expiresAt,
            beneficiary_id: values.beneficiary === '' ? null : values.beneficiary,
            ...(values.usesMax !== '' && { uses_max: values.usesMax }),
          };
          if (code !== undefined) update.mutate({ id: code.id, body }, done);
          else
            create.mutate(
              { body: { ...body, ...(values.code !== '' && { code: values.code }) } },
              done,
            );
        })}
      >
        <Stack>
          {code === undefined && (
            <TextInput
              label={t.codes.code}
              description={t.codes.codeHint}
              data-autofocus
              {...form.getInputProps('code')}
              error={refused['code']}
            />
          )}
          <TextInput label={t.codes.description} {...form.getInputProps('description')} />
          <TextInput
            label={t.codes.beneficiary}
            description={t.codes.beneficiaryHint}
            {...form.getInputProps('beneficiary')}
            error={refused['beneficiary_id']}
          />
          <NumberInput
            label={t.codes.usesMax}
            description={t.codes.usesMaxHint}
            min={1}
            allowDecimal={false}
            {...form.getInputProps('usesMax')}
            error={refused['uses_max']}
          />
          <ExpiryInput {...form.getInputProps('expiresAt')} error={refused['expires_at']} />
          <Switch label={t.codes.active} {...form.getInputProps('active', { type: 'checkbox' })} />
          {fault !== null && <Failed fault={fault} />}
          <Group justify="flex-end">
            <Button type="submit" loading={create.isPending || update.isPending}>
              {code === undefined ? t.codes.create : t.actions.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
