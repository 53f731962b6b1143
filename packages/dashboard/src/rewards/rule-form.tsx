import type { RewardRule } from '@headwater/client/api';
import {
  Fieldset,
  Group,
  NumberInput,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import type { UseFormReturnType } from '@mantine/form';

import { fieldErrors } from '../api/fault-message.ts';
import { useWrite } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { t } from '../messages/messages.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { notifyDone } from '../ui/notify.ts';
import { paramsOf, triggers, valuesOf } from './rule-values.ts';
import type { RuleValues } from './rule-values.ts';

const stale = ['listRewardRules'] as const;

export function RuleForm(props: { readonly onClose: () => void; readonly rule?: RewardRule }) {
  const { onClose, rule } = props;
  const { currency } = useWorkspace();
  const create = useWrite('createRewardRule', stale);
  const update = useWrite('updateRewardRule', stale);
  const form = useForm<RuleValues>({ initialValues: valuesOf(rule, currency) });
  const fault = create.error ?? update.error;
  const refused = fieldErrors(fault);
  const done = {
    onSuccess: () => {
      notifyDone(t.states.saved);
      onClose();
    },
  };
  const save = (values: RuleValues): void => {
    const body = paramsOf(values, rule);
    if (rule === undefined) return create.mutate({ body }, done);
    // What a programme rewards is settled when it is made.
    const { trigger: settled, ...changes } = body;
    if (settled === rule.trigger) update.mutate({ id: rule.id, body: changes }, done);
  };
  const { trigger } = form.values;
  return (
    <FormDialog
      title={rule === undefined ? t.rewards.create : t.rewards.editOf(rule.name)}
      isOpen
      onClose={onClose}
      onSubmit={form.onSubmit(save)}
      submit={rule === undefined ? t.rewards.create : t.actions.save}
      isBusy={create.isPending || update.isPending}
      fault={fault}
      size="lg"
    >
      <TextInput
        label={t.settings.name}
        required
        data-autofocus
        {...form.getInputProps('name')}
        error={refused['name']}
      />
      <Select
        label={t.rewards.trigger}
        data={triggers.map((name) => ({ value: name, label: t.rewards.triggers[name] }))}
        allowDeselect={false}
        disabled={rule !== undefined}
        {...form.getInputProps('trigger')}
        error={refused['trigger']}
      />
      {trigger === 'activation' && (
        <TextInput
          label={t.rewards.activation}
          required
          {...form.getInputProps('activation')}
          error={refused['activation']}
        />
      )}
      <TermsFields form={form} side="referrer" refused={refused} />
      <TermsFields form={form} side="referee" refused={refused} />
      <Group grow align="flex-start">
        <NumberInput
          label={t.rewards.holdDays}
          description={t.rewards.holdHint}
          min={0}
          allowDecimal={false}
          {...form.getInputProps('holdDays')}
          error={refused['hold_days']}
        />
        <NumberInput
          label={t.rewards.timesMax}
          description={t.rewards.timesMaxHint}
          min={1}
          allowDecimal={false}
          {...form.getInputProps('timesMax')}
          error={refused['times_max']}
        />
      </Group>
      <Switch label={t.keys.active} {...form.getInputProps('active', { type: 'checkbox' })} />
    </FormDialog>
  );
}

function TermsFields(props: {
  readonly form: UseFormReturnType<RuleValues>;
  readonly side: 'referrer' | 'referee';
  readonly refused: Readonly<Record<string, string>>;
}) {
  const { form, side, refused } = props;
  const { kind } = form.values[side];
  const kinds = ['none', 'amount', ...(form.values.trigger === 'payment' ? ['percent'] : [])];
  const errorOf = (field: string) => refused[`${side}.${field}`] ?? refused[side];
  return (
    <Fieldset legend={t.rewards.gets[side]}>
      <Stack gap="sm">
        <SegmentedControl
          aria-label={t.rewards.gets[side]}
          data={kinds.map((value) => ({ value, label: t.rewards.termKinds[value as 'none'] }))}
          {...form.getInputProps(`${side}.kind`)}
        />
        {kind === 'amount' && (
          <Group grow align="flex-start">
            <NumberInput
              label={t.rewards.amount}
              min={0}
              {...form.getInputProps(`${side}.amount`)}
              error={errorOf('amount')}
            />
            <TextInput
              label={t.rewards.unit}
              description={t.rewards.unitHint}
              {...form.getInputProps(`${side}.unit`)}
              error={refused[`${side}.unit`]}
            />
          </Group>
        )}
        {kind === 'percent' && (
          <NumberInput
            label={t.rewards.percent}
            min={0}
            max={100}
            decimalScale={2}
            {...form.getInputProps(`${side}.percent`)}
            error={errorOf('percent')}
          />
        )}
      </Stack>
    </Fieldset>
  );
}
