import { Button, Group } from '@mantine/core';

import { t } from '../messages/messages.ts';
import { useMay } from '../session/use-may.ts';

export interface RowActionsProps {
  readonly name: string;
  readonly edit: string;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}

/** Changing and deleting what a row is about, for whom may. */
export function RowActions({ name, edit, onEdit, onDelete }: RowActionsProps) {
  const may = useMay();
  if (!may.write) return null;
  return (
    <Group gap={6} justify="flex-end" wrap="nowrap">
      <Button
        size="compact-xs"
        variant="default"
        aria-label={t.linkLabels.editOf(edit, name)}
        onClick={onEdit}
      >
        {edit}
      </Button>
      <Button
        size="compact-xs"
        variant="light"
        color="red"
        aria-label={t.linkLabels.editOf(t.linkLabels.delete, name)}
        onClick={onDelete}
      >
        {t.linkLabels.delete}
      </Button>
    </Group>
  );
}
