import type { LinkResponse, RouteStep } from '@headwater/client/api';
import { List, Text, ThemeIcon, Timeline } from '@mantine/core';
import { IconCheck, IconMinus, IconX } from '@tabler/icons-react';

import { t } from '../messages/messages.ts';
import { conditionWords } from './condition-words.ts';

export interface SimulatedStepsProps {
  readonly link: LinkResponse;
  /** What was looked at, in order; the last one decided. */
  readonly steps: readonly RouteStep[];
}

/** Everything that was looked at and why it did or did not decide, and the rules that nobody had to look at. */
export function SimulatedSteps({ link, steps }: SimulatedStepsProps) {
  const seen = new Set(steps.map(({ step, name }) => (step === 'rule' ? name : undefined)));
  const unseen = (link.routing?.rules ?? []).filter(({ name }) => !seen.has(name));
  return (
    <Timeline
      bulletSize={22}
      lineWidth={2}
      active={steps.length - 1}
      aria-label={t.simulator.steps}
    >
      {steps.map((step, index) => (
        <Timeline.Item
          // A step has no id, and stands at its place.
          // oxlint-disable-next-line react/no-array-index-key
          key={index}
          title={stepTitle(step)}
          bullet={<Mark held={step.decided} label={decisionWords(step)} />}
        >
          <Text size="sm" c="dimmed">
            {step.why}
          </Text>
          {step.conditions !== undefined && (
            <List size="sm" spacing={2} pt={4} icon={null} listStyleType="none" withPadding={false}>
              {step.conditions.map(({ condition, held, saw }, place) => (
                <List.Item
                  // oxlint-disable-next-line react/no-array-index-key
                  key={place}
                  icon={<Mark held={held} label={heldWords(held)} />}
                >
                  {conditionWords(condition)}
                  <Text span size="xs" c="dimmed">
                    {' '}
                    {saw === null ? t.simulator.notKnown : t.simulator.saw(saw)}
                  </Text>
                </List.Item>
              ))}
            </List>
          )}
        </Timeline.Item>
      ))}
      {unseen.map(({ name, when }) => (
        <Timeline.Item
          key={name}
          title={t.simulator.stepNames.rule(name)}
          bullet={<Mark held={null} label={t.simulator.notLookedAt} />}
          lineVariant="dashed"
        >
          <Text size="sm" c="dimmed">
            {t.simulator.notLookedAtHint}
          </Text>
          <Text size="xs" c="dimmed">
            {when.map(conditionWords).join('; ')}
          </Text>
        </Timeline.Item>
      ))}
    </Timeline>
  );
}

function Mark({ held, label }: { readonly held: boolean | null; readonly label: string }) {
  const Icon = held === null ? IconMinus : held ? IconCheck : IconX;
  return (
    <ThemeIcon
      size={20}
      radius="xl"
      variant="light"
      color={held === true ? 'teal' : 'gray'}
      role="img"
      aria-label={label}
    >
      <Icon size={13} aria-hidden />
    </ThemeIcon>
  );
}

function stepTitle({ step, name = '' }: RouteStep): string {
  const names: Readonly<Record<string, (name: string) => string>> = t.simulator.stepNames;
  return Object.hasOwn(names, step) ? names[step]!(name) : step;
}

function decisionWords({ decided }: RouteStep): string {
  return decided ? t.simulator.decided : t.simulator.passed;
}

function heldWords(held: boolean | null): string {
  if (held === null) return t.simulator.notKnown;
  return held ? t.simulator.held : t.simulator.notHeld;
}
