import { Button, Group, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';

import { t } from '../messages/messages.ts';

export interface PagerProps {
  /** From 1. */
  readonly page: number;
  readonly hasNext: boolean;
  readonly onChange: (page: number) => void;
}

/** Lists have no count of everything: this page, the one before and the next one. */
export function Pager({ page, hasNext, onChange }: PagerProps) {
  if (page === 1 && !hasNext) return null;
  return (
    <Group justify="flex-end" p="sm" gap="sm" component="nav" aria-label={t.pager.label}>
      <Text size="sm" c="dimmed">
        {t.pager.page(page)}
      </Text>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconChevronLeft size={14} aria-hidden />}
        disabled={page === 1}
        onClick={() => onChange(page - 1)}
      >
        {t.pager.previous}
      </Button>
      <Button
        size="xs"
        variant="default"
        rightSection={<IconChevronRight size={14} aria-hidden />}
        disabled={!hasNext}
        onClick={() => onChange(page + 1)}
      >
        {t.pager.next}
      </Button>
    </Group>
  );
}

/** How many rows a page shows. One more is asked for, to know whether there is a next page. */
export const pageSize = 25;

export function pageWindow(page: number | undefined): { limit: number; offset: number } {
  return { limit: pageSize + 1, offset: ((page ?? 1) - 1) * pageSize };
}
