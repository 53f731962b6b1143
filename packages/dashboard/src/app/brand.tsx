import { Group, Text } from '@mantine/core';

import { t } from '../messages/messages.ts';
import { readBasePath } from './base-path.ts';

export function Brand() {
  return (
    <Group gap={8} wrap="nowrap">
      <img src={`${readBasePath()}icon.svg`} width={26} height={26} alt="" />
      <Text fw={700} size="lg" component="span" visibleFrom="xs">
        {t.product}
      </Text>
    </Group>
  );
}
