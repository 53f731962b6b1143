import { Select } from '@mantine/core';

import { useRead } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';

export interface FolderSelectProps {
  readonly value?: string;
  readonly error?: string | undefined;
  readonly onChange?: (value: string) => void;
}

/** The folder that a link is in; none is an empty text. */
export function FolderSelect({ value = '', error, onChange }: FolderSelectProps) {
  const folders = useRead('listFolders', undefined);
  return (
    <Select
      label={t.linkForm.folder}
      placeholder={t.linkForm.noFolder}
      clearable
      clearButtonProps={{ 'aria-label': t.actions.clear }}
      searchable
      data={(folders.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      value={value === '' ? null : value}
      onChange={(next) => onChange?.(next ?? '')}
      error={error}
    />
  );
}
