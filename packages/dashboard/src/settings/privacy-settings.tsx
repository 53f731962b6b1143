import { Badge, List, Radio, Stack, Table, Text, Title } from '@mantine/core';
import { modals } from '@mantine/modals';

import { useRead, useWrite } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { useMay } from '../session/use-may.ts';
import { Loaded } from '../ui/loaded.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { ScrollTable } from '../ui/scroll-table.tsx';
import { RetentionForm } from './retention-form.tsx';

const presets = ['standard', 'cookieless', 'cnil-exempt'] as const;

/** How much of people is stored and for how long, with the statement of what that means. */
export function PrivacySettings() {
  const may = useMay();
  const statement = useRead('getPrivacyStatement', undefined);
  const update = useWrite('updateWorkspace', ['getWorkspace', 'getPrivacyStatement']);
  const save = (change: Parameters<typeof update.mutate>[0]['body']['settings']): void =>
    update.mutate(
      { body: { settings: change } },
      { onSuccess: () => notifyDone(t.states.saved), onError: notifyFault },
    );
  return (
    <Loaded query={statement} height={400}>
      {(data) => (
        <Stack gap="lg">
          <Radio.Group
            label={t.privacy.preset}
            value={data.preset}
            onChange={(next) =>
              modals.openConfirmModal({
                title: t.privacy.presetTitle(t.privacy.presets[next as 'standard']),
                children: <Text size="sm">{t.privacy.presetHint}</Text>,
                onConfirm: () => save({ privacy: next }),
              })
            }
          >
            <Stack gap="xs" pt="xs">
              {presets.map((preset) => (
                <Radio
                  key={preset}
                  value={preset}
                  disabled={!may.manage}
                  label={t.privacy.presets[preset]}
                  description={t.privacy.presetHints[preset]}
                />
              ))}
            </Stack>
          </Radio.Group>
          <RetentionForm statement={data} />
          <Stack gap="xs">
            <Title order={3} size="h5">
              {t.privacy.stored}
            </Title>
            <List size="sm" spacing={4}>
              {data.sentences.map((sentence) => (
                <List.Item key={sentence}>{sentence}</List.Item>
              ))}
            </List>
          </Stack>
          <ScrollTable minWidth={560} label={t.privacy.tables}>
            <Table aria-label={t.privacy.tables}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">{t.privacy.table}</Table.Th>
                  <Table.Th scope="col">{t.privacy.holds}</Table.Th>
                  <Table.Th scope="col">{t.privacy.whenForgotten}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {data.tables
                  .filter((table) => table.holds === 'people')
                  .map((table) => (
                    <Table.Tr key={table.name}>
                      <Table.Td>
                        <code>{table.name}</code>
                      </Table.Td>
                      <Table.Td>{table.says}</Table.Td>
                      <Table.Td>
                        {table.when_forgotten !== null && (
                          <Badge variant="light" tt="none">
                            {t.privacy.ends[table.when_forgotten]}
                          </Badge>
                        )}
                      </Table.Td>
                    </Table.Tr>
                  ))}
              </Table.Tbody>
            </Table>
          </ScrollTable>
        </Stack>
      )}
    </Loaded>
  );
}
