import type { DispatchResponse } from '@headwater/client/api';
import { Button, SimpleGrid, Text, Timeline } from '@mantine/core';
import { useParams } from '@tanstack/react-router';

import { useRead, useWrite } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatNumber, nothing } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { StatCard } from '../overview/stat-card.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { DispatchBadge } from './dispatch-badge.tsx';
import { PayloadPreview } from './payload-preview.tsx';
import { usePlatformName } from './use-platform-name.ts';

const isUnderWay = ({ status }: DispatchResponse): boolean =>
  status === 'pending' || status === 'sending';

/** One conversion on its way to one platform: what would be sent, and what was answered each time. */
export function DispatchView() {
  const { id = '' } = useParams({ strict: false });
  const { timezone } = useWorkspace();
  const nameOf = usePlatformName();
  const dispatch = useRead(
    'getDispatch',
    { id },
    { keepsPrevious: false, refetchInterval: (found) => (isUnderWay(found) ? 2000 : false) },
  );
  const replay = useWrite('replayDispatches', ['getDispatch', 'previewDispatch', 'listDispatches']);
  const send = () =>
    replay.mutate(
      { body: { ids: [id] } },
      {
        onSuccess: ({ count }) => notifyDone(t.dispatches.replayed(formatNumber(count), false)),
        onError: notifyFault,
      },
    );
  return (
    <Loaded query={dispatch} height={500}>
      {(found) => (
        <Page
          title={t.dispatches.one(
            t.eventTypes[found.event_type as 'sale'],
            nameOf(found.connector),
          )}
          description={
            <>
              <DispatchBadge status={found.status} />{' '}
              {[found.reason, found.message].filter((part) => part !== null).join(': ')}
            </>
          }
          actions={
            <>
              <LinkButton
                to="/connectors/$type"
                params={{ type: found.connector }}
                size="xs"
                variant="default"
              >
                {t.connectors.setUp}
              </LinkButton>
              <Button
                size="xs"
                loading={replay.isPending}
                disabled={isUnderWay(found)}
                onClick={send}
              >
                {t.dispatches.sendAgain}
              </Button>
            </>
          }
        >
          <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
            <StatCard
              label={t.dispatches.conversion}
              value={t.eventTypes[found.event_type as 'sale']}
              details={
                <TextLink to="/conversions/$id" params={{ id: found.event_id }} size="xs">
                  {formatInstant(found.occurred_at, timezone)}
                </TextLink>
              }
            />
            <StatCard
              label={t.dispatches.attempts}
              value={formatNumber(found.attempts)}
              details={
                found.due_at === null
                  ? undefined
                  : t.dispatches.next(formatInstant(found.due_at, timezone))
              }
            />
            <StatCard
              label={t.dispatches.match}
              value={found.match_quality === null ? nothing : `${found.match_quality}`}
              details={t.dispatches.matchHint}
            />
            <StatCard label={t.dispatches.matchedBy} value={found.matched_by ?? nothing} />
          </SimpleGrid>
          <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
            <PayloadPreview id={id} />
            <Panel title={t.dispatches.history}>
              <History dispatch={found} />
            </Panel>
          </SimpleGrid>
        </Page>
      )}
    </Loaded>
  );
}

function History({ dispatch }: { readonly dispatch: DispatchResponse }) {
  const { timezone } = useWorkspace();
  if (dispatch.history.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t.dispatches.noHistory}
      </Text>
    );
  return (
    <Timeline bulletSize={14} lineWidth={2}>
      {dispatch.history.toReversed().map((attempt) => (
        <Timeline.Item
          key={`${attempt.at} ${attempt.outcome}`}
          title={[attempt.outcome, attempt.status, attempt.code]
            .filter((part) => part !== undefined)
            .join(' · ')}
        >
          {attempt.message !== undefined && <Text size="sm">{attempt.message}</Text>}
          <Text size="xs" c="dimmed">
            {formatInstant(attempt.at, timezone)}
          </Text>
        </Timeline.Item>
      ))}
    </Timeline>
  );
}
