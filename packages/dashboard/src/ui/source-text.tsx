import { Group, Text } from '@mantine/core';

import type { Source } from '@headwater/client/api';

import { nothing } from '../format/number.ts';

/** Where somebody came from, in a line. */
export function SourceText({ source }: { readonly source: Source }) {
  if (source === null) return <>{nothing}</>;
  const details = [source.source, source.campaign].filter((part) => part !== null);
  return (
    <Group gap={6} wrap="nowrap">
      <Text size="sm" truncate>
        {source.channel ?? nothing}
      </Text>
      {details.length > 0 && (
        <Text size="xs" c="dimmed" truncate>
          {details.join(' / ')}
        </Text>
      )}
    </Group>
  );
}
