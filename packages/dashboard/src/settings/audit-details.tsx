import type { AuditEntryResponse } from '@headwater/client/api';
import { Code, Modal, Stack, Table, Text } from '@mantine/core';

import { useWorkspace } from '../app/use-workspace.ts';
import { nothing } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { ScrollTable } from '../ui/scroll-table.tsx';
import { auditWords } from './audit-words.ts';

/** What each field was, and what it is. */
export function AuditDetails(props: {
  readonly entry: AuditEntryResponse | undefined;
  readonly onClose: () => void;
}) {
  const { entry, onClose } = props;
  const { timezone } = useWorkspace();
  return (
    <Modal
      opened={entry !== undefined}
      onClose={onClose}
      title={entry === undefined ? '' : auditWords(entry)}
      size="lg"
      closeButtonProps={{ 'aria-label': t.actions.close }}
    >
      {entry !== undefined && (
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            {formatInstant(entry.at, timezone)} · <code>{entry.subject_id}</code>
          </Text>
          <ScrollTable minWidth={420} label={t.audit.details}>
            <Table aria-label={t.audit.details} verticalSpacing="xs">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">{t.audit.field}</Table.Th>
                  <Table.Th scope="col">{t.audit.before}</Table.Th>
                  <Table.Th scope="col">{t.audit.after}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {Object.entries(entry.changes).map(([field, change]) => {
                  const { from, to } = partsOf(change);
                  return (
                    <Table.Tr key={field}>
                      <Table.Th scope="row">
                        <code>{field}</code>
                      </Table.Th>
                      <Table.Td>
                        <Value value={from} />
                      </Table.Td>
                      <Table.Td>
                        <Value value={to} />
                      </Table.Td>
                    </Table.Tr>
                  );
                })}
              </Table.Tbody>
            </Table>
          </ScrollTable>
        </Stack>
      )}
    </Modal>
  );
}

function partsOf(change: unknown): { readonly from?: unknown; readonly to?: unknown } {
  return typeof change === 'object' && change !== null ? change : { to: change };
}

function Value({ value }: { readonly value: unknown }) {
  if (value === undefined || value === null) return <>{nothing}</>;
  return (
    <Code style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
      {typeof value === 'string' ? value : JSON.stringify(value, null, 1)}
    </Code>
  );
}
