import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { fieldErrors } from '../api/fault-message.ts';
import { t } from '../messages/messages.ts';
import { FormDialog } from '../ui/form-dialog.tsx';

export interface NameDialogProps {
  readonly title: string;
  readonly name: string;
  readonly submit: string;
  readonly isBusy: boolean;
  readonly fault: Error | null;
  readonly onClose: () => void;
  readonly onSubmit: (name: string) => void;
}

/** Asks for a name, and for nothing else. */
export function NameDialog({ name, onSubmit, ...dialog }: NameDialogProps) {
  const form = useForm({ initialValues: { name } });
  return (
    <FormDialog
      {...dialog}
      isOpen
      onSubmit={form.onSubmit((values) => onSubmit(values.name.trim()))}
    >
      <TextInput
        label={t.settings.name}
        required
        maxLength={100}
        data-autofocus
        {...form.getInputProps('name')}
        error={fieldErrors(dialog.fault)['name']}
      />
    </FormDialog>
  );
}
