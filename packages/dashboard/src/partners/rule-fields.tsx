import {
  Button,
  Fieldset,
  NumberInput,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  TextInput,
} from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';

import { useWorkspace } from '../app/use-workspace.ts';
import { t } from '../messages/messages.ts';
import { commissionTriggers } from './program-values.ts';
import type { ProgramValues } from './program-values.ts';

export interface RuleFieldsProps {
  readonly form: UseFormReturnType<ProgramValues>;
  readonly index: number;
  readonly refused: Readonly<Record<string, string>>;
  readonly onRemove: () => void;
}

/** One rule of a programme: what earns, what it pays, and what limits it. */
export function RuleFields({ form, index, refused, onRemove }: RuleFieldsProps) {
  const { currency } = useWorkspace();
  const rule = form.values.rules[index]!;
  const field = (name: string) => form.getInputProps(`rules.${index}.${name}`);
  const errorOf = (name: string) => refused[`rules[${index}].${name}`];
  const isShare = rule.trigger === 'sale' && rule.kind === 'percent';
  const unit = isShare ? currency : rule.unit;
  const whole = { min: 1, allowDecimal: false } as const;
  const money = { min: 0, suffix: ` ${unit}` } as const;
  return (
    <Fieldset legend={t.programs.ruleOf(rule.name)}>
      <Stack gap="sm">
        <SimpleGrid cols={{ base: 1, xs: 2, sm: 3 }} spacing="sm">
          <TextInput label={t.settings.name} required {...field('name')} error={errorOf('name')} />
          <Select
            label={t.rewards.trigger}
            allowDeselect={false}
            data={commissionTriggers.map((value) => ({
              value,
              label: t.commissions.triggers[value],
            }))}
            {...field('trigger')}
            error={errorOf('trigger')}
          />
          <TextInput
            label={t.programs.onlyForGroup}
            placeholder={t.programs.everybody}
            {...field('group')}
            error={errorOf('group')}
          />
        </SimpleGrid>
        {rule.trigger === 'sale' && (
          <SegmentedControl
            aria-label={t.programs.pays}
            data={[
              { value: 'percent', label: t.rewards.termKinds.percent },
              { value: 'amount', label: t.rewards.termKinds.amount },
            ]}
            {...field('kind')}
          />
        )}
        <SimpleGrid cols={{ base: 2, sm: 3 }} spacing="sm">
          {isShare ? (
            <>
              <NumberInput
                label={t.programs.percent}
                min={0}
                max={100}
                decimalScale={2}
                suffix=" %"
                required
                {...field('percent')}
                error={errorOf('percent')}
              />
              <NumberInput
                label={t.programs.amountMax}
                {...money}
                {...field('amountMax')}
                error={errorOf('amount_max')}
              />
            </>
          ) : (
            <>
              <NumberInput
                label={t.rewards.amount}
                min={0}
                required
                {...field('amount')}
                error={errorOf('amount') ?? errorOf('percent')}
              />
              <TextInput
                label={t.settings.currency}
                required
                {...field('unit')}
                error={errorOf('unit')}
              />
            </>
          )}
          <NumberInput
            label={t.rewards.holdDays}
            min={0}
            allowDecimal={false}
            {...field('holdDays')}
            error={errorOf('hold_days')}
          />
          <NumberInput
            label={t.programs.timesMax}
            placeholder={t.programs.everyTime}
            {...whole}
            {...field('timesMax')}
            error={errorOf('times_max')}
          />
          <NumberInput
            label={t.programs.months}
            placeholder={t.privacy.forEver}
            {...whole}
            {...field('months')}
            error={errorOf('months')}
          />
          {rule.trigger === 'sale' && (
            <NumberInput
              label={t.programs.saleMin}
              description={t.programs.saleMinHint}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              min={0}
              {...field('saleMin')}
              error={errorOf('sale_min')}
            />
          )}
          <NumberInput
            label={t.programs.capPartner}
            {...money}
            {...field('capPartner')}
            error={errorOf('caps.per_partner.amount')}
          />
          <NumberInput
            label={t.programs.capTotal}
            {...money}
            {...field('capTotal')}
            error={errorOf('caps.total.amount')}
          />
        </SimpleGrid>
        <Button
          size="compact-xs"
          variant="subtle"
          color="red"
          style={{ alignSelf: 'flex-end' }}
          aria-label={t.channels.remove(rule.name)}
          onClick={onRemove}
        >
          {t.programs.removeRule}
        </Button>
      </Stack>
    </Fieldset>
  );
}
