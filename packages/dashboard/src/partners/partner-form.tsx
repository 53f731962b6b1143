import type { Partner } from '@headwater/client/api';
import { Group, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { fieldErrors } from '../api/fault-message.ts';
import { useRead, useWrite } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { notifyDone } from '../ui/notify.ts';

const stale = ['listPartners', 'getPartner'] as const;

export function PartnerForm(props: {
  readonly partner?: Partner;
  readonly onClose: () => void;
  readonly onCreated?: (partner: Partner) => void;
}) {
  const { partner, onClose, onCreated } = props;
  const programs = useRead('listPartnerPrograms', {});
  const create = useWrite('createPartner', stale);
  const update = useWrite('updatePartner', stale);
  const form = useForm({
    initialValues: {
      key: partner?.key ?? '',
      name: partner?.name ?? '',
      email: partner?.email ?? '',
      external_id: partner?.external_id ?? '',
      program_id: partner?.program_id ?? null,
      group: partner?.group ?? '',
    },
  });
  const fault = create.error ?? update.error;
  const refused = fieldErrors(fault);
  const save = form.onSubmit(({ key, name, email, external_id, program_id, group }) => {
    const fields = {
      name,
      email: email.trim() === '' ? null : email.trim(),
      external_id: external_id === '' ? null : external_id,
      program_id,
      group: group === '' ? null : group,
    };
    if (partner !== undefined)
      return update.mutate(
        { id: partner.id, body: fields },
        {
          onSuccess: () => {
            notifyDone(t.states.saved);
            onClose();
          },
        },
      );
    create.mutate(
      { body: { key, ...fields } },
      {
        onSuccess: (made) => {
          onClose();
          onCreated?.(made);
        },
      },
    );
  });
  return (
    <FormDialog
      title={partner === undefined ? t.partners.create : t.partners.editOf(partner.name)}
      isOpen
      onClose={onClose}
      onSubmit={save}
      submit={partner === undefined ? t.partners.create : t.actions.save}
      isBusy={create.isPending || update.isPending}
      fault={fault}
    >
      <TextInput
        label={t.settings.name}
        required
        data-autofocus
        {...form.getInputProps('name')}
        error={refused['name']}
      />
      <TextInput
        label={t.partners.key}
        description={t.partners.keyHint}
        placeholder="ada"
        required
        disabled={partner !== undefined}
        {...form.getInputProps('key')}
        error={refused['key']}
      />
      <Group grow align="flex-start">
        <Select
          label={t.partners.program}
          placeholder={t.partners.noProgram}
          clearable
          clearButtonProps={{ 'aria-label': t.actions.clear }}
          data={(programs.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          {...form.getInputProps('program_id')}
          error={refused['program_id']}
        />
        <TextInput
          label={t.partners.group}
          placeholder="gold"
          {...form.getInputProps('group')}
          error={refused['group']}
        />
      </Group>
      <TextInput
        label={t.auth.email}
        description={t.partners.emailHint}
        type="email"
        {...form.getInputProps('email')}
        error={refused['email']}
      />
      <TextInput
        label={t.links.externalId}
        description={t.partners.externalIdHint}
        {...form.getInputProps('external_id')}
        error={refused['external_id']}
      />
    </FormDialog>
  );
}
