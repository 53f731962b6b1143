import type { PartnerProgram } from '@headwater/client/api';
import { Button, Fieldset, Group, NumberInput, Stack, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';

import { fieldErrors } from '../api/fault-message.ts';
import { useWrite } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { t } from '../messages/messages.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { notifyDone } from '../ui/notify.ts';
import { newRule, paramsOf, valuesOf } from './program-values.ts';
import type { ProgramValues } from './program-values.ts';
import { RuleFields } from './rule-fields.tsx';

const stale = ['listPartnerPrograms', 'listPartnerProgramVersions'] as const;

/** A programme, or its next version: what happened before goes on by the version of then. */
export function ProgramForm(props: {
  readonly program?: PartnerProgram;
  readonly onClose: () => void;
  readonly onCreated?: (program: PartnerProgram) => void;
}) {
  const { program, onClose, onCreated } = props;
  const { currency } = useWorkspace();
  const create = useWrite('createPartnerProgram', stale);
  const update = useWrite('updatePartnerProgram', stale);
  const form = useForm<ProgramValues>({ initialValues: valuesOf(program, currency) });
  const fault = create.error ?? update.error;
  const refused = fieldErrors(fault);
  const done = (made: PartnerProgram): void => {
    notifyDone(t.programs.saved(made.version));
    onClose();
    onCreated?.(made);
  };
  const save = form.onSubmit((values) => {
    const body = paramsOf(values, currency);
    if (program === undefined) create.mutate({ body }, { onSuccess: done });
    else update.mutate({ id: program.id, body }, { onSuccess: done });
  });
  const { rules } = form.values;
  return (
    <FormDialog
      title={program === undefined ? t.programs.create : t.rewards.editOf(program.name)}
      isOpen
      onClose={onClose}
      onSubmit={save}
      submit={program === undefined ? t.programs.create : t.programs.saveAs(program.version + 1)}
      isBusy={create.isPending || update.isPending}
      fault={fault}
      size="xl"
    >
      <Group grow align="flex-start">
        <TextInput
          label={t.settings.name}
          required
          data-autofocus
          {...form.getInputProps('name')}
          error={refused['name']}
        />
        <NumberInput
          label={t.programs.window}
          description={t.programs.windowHint}
          min={1}
          allowDecimal={false}
          {...form.getInputProps('windowDays')}
          error={refused['window_days']}
        />
      </Group>
      {rules.map((rule, index) => (
        <RuleFields
          key={rule.id}
          form={form}
          index={index}
          refused={refused}
          onRemove={() => form.removeListItem('rules', index)}
        />
      ))}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => form.insertListItem('rules', newRule(`rule-${rules.length + 1}`, currency))}
      >
        {t.programs.addRule}
      </Button>
      <Fieldset legend={t.programs.suspicion}>
        <Stack gap="sm">
          <Switch
            label={t.programs.allowsPaidAds}
            {...form.getInputProps('allowsPaidAds', { type: 'checkbox' })}
          />
          <Group grow align="flex-start">
            <NumberInput
              label={t.programs.floodClicks}
              description={t.programs.floodHint}
              min={2}
              allowDecimal={false}
              {...form.getInputProps('floodClicks')}
              error={refused['flood_clicks']}
            />
            <NumberInput
              label={t.programs.hijackMinutes}
              description={t.programs.hijackHint}
              min={1}
              max={1440}
              allowDecimal={false}
              {...form.getInputProps('hijackMinutes')}
              error={refused['hijack_minutes']}
            />
          </Group>
        </Stack>
      </Fieldset>
    </FormDialog>
  );
}
