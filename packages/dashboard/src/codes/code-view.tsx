import { Button, SimpleGrid, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { useNavigate, useParams } from '@tanstack/react-router';

import { useRead, useWrite } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatNumber } from '../format/number.ts';
import { formatDay } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { StatCard } from '../overview/stat-card.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { notifyFault } from '../ui/notify.ts';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { Seats } from '../ui/seats.tsx';
import { CodeBadge } from './code-badge.tsx';
import { CodeForm } from './code-form.tsx';
import { Redemptions } from './redemptions.tsx';

/** One code: how often it was used, and by whom. */
export function CodeView() {
  const { id = '' } = useParams({ strict: false });
  const { timezone } = useWorkspace();
  const navigate = useNavigate();
  const [isEditing, editing] = useDisclosure();
  const code = useRead('getReferralCode', { id }, { keepsPrevious: false });
  const stats = useRead('getReferralCodeStats', { id });
  const archive = useWrite('archiveReferralCode', ['listReferralCodes', 'getReferralTotals']);
  const ask = (name: string) =>
    modals.openConfirmModal({
      title: t.links.archiveTitle(name),
      children: <Text size="sm">{t.codes.archiveHint}</Text>,
      labels: { confirm: t.links.archive, cancel: t.actions.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () =>
        archive.mutate(
          { id },
          { onSuccess: () => void navigate({ to: '/codes' }), onError: notifyFault },
        ),
    });
  return (
    <Loaded query={code} height={500}>
      {(found) => (
        <Page
          title={found.code}
          description={
            <>
              <CodeBadge code={found} /> {found.description}
            </>
          }
          actions={
            <>
              <CopyButton value={found.code} label={t.links.copyOf(found.code)} />
              <Button size="xs" variant="default" onClick={editing.open}>
                {t.actions.edit}
              </Button>
              <Button size="xs" color="red" variant="light" onClick={() => ask(found.code)}>
                {t.links.archive}
              </Button>
            </>
          }
        >
          <Loaded query={stats} height={80}>
            {(numbers) => (
              <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
                <StatCard
                  label={t.codes.uses}
                  value={formatNumber(numbers.total_uses)}
                  details={<Seats uses={found.uses} max={found.uses_max} />}
                />
                <StatCard label={t.codes.users} value={formatNumber(numbers.unique_users)} />
                <StatCard label={t.keys.lastUsed} value={formatDay(numbers.last_used, timezone)} />
                <StatCard
                  label={t.links.expiry}
                  value={
                    found.expires_at === null
                      ? t.links.never
                      : formatDay(found.expires_at, timezone)
                  }
                />
              </SimpleGrid>
            )}
          </Loaded>
          <Panel title={t.codes.redemptions} flush>
            <Redemptions question={{ code_id: id }} />
          </Panel>
          <CodeForm
            key={found.updated_at}
            isOpen={isEditing}
            onClose={editing.close}
            code={found}
          />
        </Page>
      )}
    </Loaded>
  );
}
