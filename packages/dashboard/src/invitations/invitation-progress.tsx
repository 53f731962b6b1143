import { SimpleGrid, Text } from '@mantine/core';

import { useRead } from '../api/use-api.ts';
import { ShareList } from '../events/share-list.tsx';
import { formatPercent } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { EmptyPanel } from '../overview/empty-panel.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Panel } from '../ui/panel.tsx';

/** What became of an invitation: how many went on from each thing they did to the next, and how often each was done. */
export function InvitationProgress({ id }: { readonly id: string }) {
  const funnel = useRead('getInvitationFunnel', { id, count: 'entities' });
  const actions = useRead('getInvitationBreakdown', { id, by: 'action' });
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
      <Panel title={t.invitations.funnel}>
        <Loaded
          query={funnel}
          isEmpty={({ steps }) => steps.every(({ count }) => count === 0)}
          empty={<EmptyPanel />}
        >
          {({ steps }) => (
            <>
              <ShareList
                rows={steps.map(({ action, count }) => ({ value: action, people: count }))}
              />
              {steps.length > 1 && (
                <Text size="sm" c="dimmed" pt="sm">
                  {t.invitations.funnelRate(
                    formatPercent(steps.at(-1)!.rate_from_first),
                    steps[0]!.action,
                    steps.at(-1)!.action,
                  )}
                </Text>
              )}
            </>
          )}
        </Loaded>
      </Panel>
      <Panel title={t.invitations.byAction}>
        <Loaded
          query={actions}
          isEmpty={(counts) => Object.keys(counts).length === 0}
          empty={<EmptyPanel />}
        >
          {(counts) => (
            <ShareList
              rows={Object.entries(counts)
                .map(([value, people]) => ({ value, people }))
                .sort((one, other) => other.people - one.people)}
            />
          )}
        </Loaded>
      </Panel>
    </SimpleGrid>
  );
}
