import { Group, Paper, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconArrowDownRight, IconArrowUpRight } from '@tabler/icons-react';
import type { ReactNode } from 'react';

import { formatChange } from '../format/number.ts';
import { t } from '../messages/messages.ts';

export interface StatCardProps {
  readonly label: string;
  readonly value: string;
  /** A second line, for what does not fit a number. */
  readonly details?: ReactNode;
  readonly now?: number | null | undefined;
  readonly before?: number | null | undefined;
  /** Whether less is better, as with bounces. */
  readonly lessIsBetter?: boolean;
  readonly isChosen?: boolean;
  readonly onChoose?: (() => void) | undefined;
}

/** A number, how it has changed, and a way to see it over time. */
export function StatCard(props: StatCardProps) {
  const { label, value, details, now, before, lessIsBetter = false, isChosen, onChoose } = props;
  const contents = (
    <>
      <Text size="xs" c="dimmed" fw={500} truncate>
        {label}
      </Text>
      <Group gap={6} align="baseline" wrap="wrap">
        <Text fz={22} fw={650} lh={1.3} style={{ fontVariantNumeric: 'tabular-nums' }}>
          {value}
        </Text>
        {now != null && before != null && (
          <Change now={now} before={before} lessIsBetter={lessIsBetter} />
        )}
      </Group>
      {details !== undefined && (
        <Text size="xs" c="dimmed" component="div">
          {details}
        </Text>
      )}
    </>
  );
  if (onChoose === undefined)
    return (
      <Paper withBorder p="sm" radius="md">
        {contents}
      </Paper>
    );
  return (
    <UnstyledButton onClick={onChoose} aria-pressed={isChosen}>
      <Paper
        withBorder
        p="sm"
        radius="md"
        h="100%"
        {...(isChosen === true && {
          style: {
            borderColor: 'var(--mantine-primary-color-filled)',
            boxShadow: 'inset 0 0 0 1px var(--mantine-primary-color-filled)',
          },
        })}
      >
        {contents}
      </Paper>
    </UnstyledButton>
  );
}

function Change(props: {
  readonly now: number;
  readonly before: number;
  readonly lessIsBetter: boolean;
}) {
  const { now, before, lessIsBetter } = props;
  const words = formatChange(now, before);
  if (words === undefined) return null;
  const isGood = now === before ? undefined : now > before !== lessIsBetter;
  const Arrow = now >= before ? IconArrowUpRight : IconArrowDownRight;
  return (
    <Text
      size="xs"
      fw={600}
      component="span"
      c={isGood === undefined ? 'dimmed' : isGood ? 'var(--hw-good)' : 'var(--hw-bad)'}
      style={{ display: 'inline-flex', alignItems: 'center', gap: 2 }}
    >
      {now !== before && <Arrow size={13} aria-hidden />}
      {words}
      <VisuallyHidden> {t.report.thanBefore}</VisuallyHidden>
    </Text>
  );
}
