import type { UtmTemplateResponse } from '@headwater/client/api';
import { Checkbox, SimpleGrid, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { fieldErrors } from '../api/fault-message.ts';
import { useWrite } from '../api/use-api.ts';
import { utmFields } from '../links/link-values.ts';
import { t } from '../messages/messages.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { notifyDone } from '../ui/notify.ts';

export function TemplateForm(props: {
  readonly template?: UtmTemplateResponse;
  readonly onClose: () => void;
}) {
  const { template, onClose } = props;
  const create = useWrite('createUtmTemplate', ['listUtmTemplates']);
  const update = useWrite('updateUtmTemplate', ['listUtmTemplates']);
  const form = useForm({
    initialValues: {
      name: template?.name ?? '',
      utm_source: template?.utm_source ?? '',
      utm_medium: template?.utm_medium ?? '',
      utm_campaign: template?.utm_campaign ?? '',
      utm_content: template?.utm_content ?? '',
      utm_term: template?.utm_term ?? '',
      is_default: template?.is_default ?? false,
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
    <FormDialog
      title={
        template === undefined ? t.linkLabels.newTemplate : t.linkLabels.templateOf(template.name)
      }
      isOpen
      onClose={onClose}
      submit={template === undefined ? t.linkLabels.newTemplate : t.actions.save}
      isBusy={create.isPending || update.isPending}
      fault={fault}
      size="lg"
      onSubmit={form.onSubmit(({ name, is_default, ...texts }) => {
        const utm = Object.fromEntries(
          Object.entries(texts).map(([field, text]) => [field, text.trim() || null]),
        );
        const body = { name: name.trim(), is_default, ...utm };
        if (template === undefined) create.mutate({ body }, done);
        else update.mutate({ id: template.id, body }, done);
      })}
    >
      <TextInput
        label={t.settings.name}
        required
        maxLength={100}
        data-autofocus
        {...form.getInputProps('name')}
        error={refused['name']}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        {utmFields.map((field) => (
          <TextInput
            key={field}
            label={t.links.utmFields[field]}
            maxLength={255}
            {...form.getInputProps(field)}
            error={refused[field]}
          />
        ))}
      </SimpleGrid>
      <Checkbox
        label={t.linkLabels.isDefault}
        {...form.getInputProps('is_default', { type: 'checkbox' })}
      />
    </FormDialog>
  );
}
