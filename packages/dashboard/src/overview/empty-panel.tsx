import { Center, Text } from '@mantine/core';

import { t } from '../messages/messages.ts';

export function EmptyPanel() {
  return (
    <Center h={200}>
      <Text c="dimmed" size="sm">
        {t.states.nothingInPeriod}
      </Text>
    </Center>
  );
}
