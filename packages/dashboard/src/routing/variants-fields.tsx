import {
  ActionIcon,
  Button,
  Fieldset,
  Group,
  NumberInput,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';

import { formatPercent } from '../format/number.ts';
import type { LinkFieldsProps } from '../links/link-field.ts';
import { t } from '../messages/messages.ts';
import { emptyVariant } from './routing-values.ts';

const variantsMax = 8;
const names = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'];

/** The destinations that share what would go to the link's own. */
export function VariantsFields({ form, field }: LinkFieldsProps) {
  const { variants } = form.values.routing;
  const sum = variants.reduce((weights, { weight }) => weights + Number(weight), 0);
  const add = (): void => {
    const taken = variants.map(({ name }) => name);
    const [first = 'A', second = 'B'] = names.filter((name) => !taken.includes(name));
    if (variants.length > 0)
      return form.insertListItem('routing.variants', emptyVariant(first, ''));
    // One alone is no test: what the link leads to now is the first of two.
    form.setFieldValue('routing.variants', [
      emptyVariant(first, form.getValues().url),
      emptyVariant(second, ''),
    ]);
  };
  const remove = (index: number): void =>
    variants.length > 2
      ? form.removeListItem('routing.variants', index)
      : form.setFieldValue('routing.variants', []);

  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {t.linkRules.variantsHint}
      </Text>
      {variants.map((variant, index) => (
        <Fieldset key={variant.id} legend={t.linkRules.variantLegend(index + 1)}>
          <Stack gap="xs">
            <Group gap="xs" align="flex-start" wrap="nowrap">
              <TextInput
                label={t.linkRules.name}
                maxLength={50}
                required
                flex={1}
                {...field(`routing.variants.${index}.name`)}
              />
              <NumberInput
                label={t.linkRules.weight}
                description={
                  sum > 0 ? t.linkRules.shareOf(formatPercent(Number(variant.weight) / sum)) : ' '
                }
                inputWrapperOrder={['label', 'input', 'description', 'error']}
                min={1}
                max={1_000}
                allowDecimal={false}
                w={110}
                {...field(`routing.variants.${index}.weight`)}
              />
              <ActionIcon
                variant="subtle"
                color="red"
                size="lg"
                mt={25}
                aria-label={t.linkRules.remove(variant.name)}
                onClick={() => remove(index)}
              >
                <IconTrash size={18} aria-hidden />
              </ActionIcon>
            </Group>
            <TextInput
              label={t.linkRules.leadsTo}
              required
              {...field(`routing.variants.${index}.url`)}
            />
          </Stack>
        </Fieldset>
      ))}
      {variants.length > 0 && (
        <Group gap="sm">
          <Text size="sm">{t.linkRules.goal}</Text>
          <SegmentedControl
            size="xs"
            aria-label={t.linkRules.goal}
            data={[
              { value: 'conversions', label: t.metrics.conversions },
              { value: 'revenue', label: t.metrics.revenue },
            ]}
            {...field('routing.goal')}
          />
        </Group>
      )}
      <Button
        variant="default"
        leftSection={<IconPlus size={16} aria-hidden />}
        disabled={variants.length >= variantsMax}
        onClick={add}
      >
        {variants.length === 0 ? t.linkRules.startTest : t.linkRules.addVariant}
      </Button>
    </Stack>
  );
}
