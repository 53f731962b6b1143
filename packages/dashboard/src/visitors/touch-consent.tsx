import { Badge, Group, Text } from '@mantine/core';

import { t } from '../messages/messages.ts';

const colors: Readonly<Record<string, string>> = { granted: 'teal', denied: 'red' };

/** What somebody had agreed to when they came, purpose by purpose. */
export function TouchConsent({
  consent,
}: {
  readonly consent: Readonly<Record<string, unknown>> | null;
}) {
  const said = Object.entries(consent ?? {});
  if (said.length === 0)
    return (
      <Text size="xs" c="dimmed">
        {t.visitors.notAsked}
      </Text>
    );
  return (
    <Group gap={4} wrap="nowrap">
      {said.map(([purpose, state]) => (
        <Badge
          key={purpose}
          size="sm"
          variant="light"
          tt="none"
          miw="max-content"
          color={purpose === 'gpc' ? 'red' : (colors[String(state)] ?? 'gray')}
        >
          {purpose === 'gpc'
            ? t.visitors.gpc
            : t.visitors.consentTo(purpose, t.visitors.consentStates[state as never] ?? '')}
        </Badge>
      ))}
    </Group>
  );
}
