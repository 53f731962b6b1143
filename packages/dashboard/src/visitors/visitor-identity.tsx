import type { EvidenceResponse, VisitorResponse } from '@headwater/client/api';
import { Alert, Badge, Button, Card, Group, Stack, Table, Text, Title } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconArrowsJoin2, IconShieldX } from '@tabler/icons-react';

import { useRead, useWrite } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { nothing } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { Loaded } from '../ui/loaded.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { ScrollTable } from '../ui/scroll-table.tsx';

/** By what a person is recognised, which visitors were joined, on what evidence, and how to take that back. */
export function VisitorIdentity({ visitor }: { readonly visitor: VisitorResponse }) {
  const evidence = useRead('getVisitorEvidence', { id: visitor.id, limit: 100 });
  return (
    <Stack p="md" gap="lg">
      <Loaded query={evidence}>
        {({ identifiers, merges, refusals }) => (
          <>
            <Identifiers identifiers={identifiers} />
            <Stack gap="xs">
              <Title order={3} size="h5">
                {t.visitors.merges}
              </Title>
              {merges.length === 0 && (
                <Text size="sm" c="dimmed">
                  {t.visitors.noMerges}
                </Text>
              )}
              {merges.map((merge) => (
                <Merge key={merge.id} merge={merge} />
              ))}
            </Stack>
            {refusals.length > 0 && <Refusals refusals={refusals} />}
          </>
        )}
      </Loaded>
    </Stack>
  );
}

function Identifiers({ identifiers }: Pick<EvidenceResponse, 'identifiers'>) {
  const { timezone } = useWorkspace();
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        {t.visitors.identifiers}
      </Title>
      <ScrollTable minWidth={560} label={t.visitors.identifiers}>
        <Table aria-label={t.visitors.identifiers}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t.visitors.kind}</Table.Th>
              <Table.Th scope="col">{t.visitors.value}</Table.Th>
              <Table.Th scope="col">{t.visitors.firstSeen}</Table.Th>
              <Table.Th scope="col">{t.visitors.visitor}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {identifiers.map((identifier, index) => (
              <Table.Tr key={`${identifier.kind} ${identifier.event_id} ${index}`}>
                <Table.Td>
                  <Badge variant="light" tt="none" miw="max-content">
                    {t.identifierKinds[identifier.kind as never] ?? identifier.kind}
                  </Badge>
                </Table.Td>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>
                  {identifier.value ?? (
                    <Text c="dimmed" size="sm">
                      {t.visitors.hidden}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>{formatInstant(identifier.first_seen_at, timezone)}</Table.Td>
                <Table.Td>
                  <code>{identifier.visitor_id.slice(-6)}</code>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollTable>
    </Stack>
  );
}

function Merge({ merge }: { readonly merge: EvidenceResponse['merges'][number] }) {
  const { timezone } = useWorkspace();
  const undo = useWrite('undoMerge', [
    'getVisitor',
    'getVisitorEvidence',
    'getVisitorTimeline',
    'getVisitorAttribution',
    'listVisitors',
  ]);
  const ask = () =>
    modals.openConfirmModal({
      title: t.visitors.undoTitle,
      children: <Text size="sm">{t.visitors.undoHint}</Text>,
      labels: { confirm: t.visitors.undo, cancel: t.actions.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () =>
        undo.mutate(
          { id: merge.id },
          { onSuccess: () => notifyDone(t.visitors.undone), onError: notifyFault },
        ),
    });
  return (
    <Card withBorder padding="sm">
      <Group justify="space-between" align="flex-start">
        <Group gap="sm" align="flex-start" wrap="nowrap">
          <IconArrowsJoin2 size={20} aria-hidden />
          <div>
            <Text size="sm" fw={600}>
              {t.visitors.merged(merge.loser_id.slice(-6), merge.winner_id.slice(-6))}
            </Text>
            <Text size="sm">{t.mergeReasons[merge.reason as never] ?? merge.reason}</Text>
            <Text size="xs" c="dimmed">
              {t.visitors.mergedAt(formatInstant(merge.occurred_at, timezone))}
            </Text>
          </div>
        </Group>
        {merge.undone_at === null ? (
          <Button size="xs" variant="default" onClick={ask} loading={undo.isPending}>
            {t.visitors.undo}
          </Button>
        ) : (
          <Badge color="gray" variant="light" tt="none">
            {t.visitors.undoneAt(formatInstant(merge.undone_at, timezone))}
          </Badge>
        )}
      </Group>
    </Card>
  );
}

function Refusals({ refusals }: Pick<EvidenceResponse, 'refusals'>) {
  const { timezone } = useWorkspace();
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        {t.visitors.refusals}
      </Title>
      {refusals.map((refusal) => (
        <Alert
          key={`${refusal.event_id} ${refusal.other_visitor_id}`}
          role="note"
          variant="light"
          color="orange"
          icon={<IconShieldX aria-hidden />}
        >
          <Text size="sm">
            {t.visitors.refused(refusal.other_visitor_id.slice(-6) || nothing)} ({refusal.reason}),{' '}
            {formatInstant(refusal.occurred_at, timezone)}
          </Text>
        </Alert>
      ))}
    </Stack>
  );
}
