import { Badge, Card, Group, SimpleGrid, Text } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';

import { useRead } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { stepLabel } from './step-label.ts';

export function FunnelsView() {
  const funnels = useRead('listFunnels', { limit: 100 });
  return (
    <Page
      title={t.nav.funnels}
      description={t.funnels.intro}
      actions={
        <LinkButton to="/funnels/new" size="xs">
          {t.funnels.create}
        </LinkButton>
      }
    >
      <Loaded
        query={funnels}
        height={300}
        empty={
          <Panel>
            <EmptyState
              icon={IconFilter}
              title={t.funnels.emptyTitle}
              action={<LinkButton to="/funnels/new">{t.funnels.create}</LinkButton>}
            >
              {t.funnels.emptyHint}
            </EmptyState>
          </Panel>
        }
      >
        {(rows) => (
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
            {rows.map((funnel) => (
              <Card key={funnel.id} withBorder>
                <TextLink to="/funnels/$id" params={{ id: funnel.id }} fw={600}>
                  {funnel.name}
                </TextLink>
                <Text size="sm" c="dimmed">
                  {t.funnels.within(funnel.conversion_window_days)}
                </Text>
                <Group gap={4} pt="xs">
                  {funnel.steps.map((step, index) => (
                    // Two steps may say the same, so the place is part of the name.
                    <Badge key={`${index} ${stepLabel(step)}`} variant="light" tt="none">
                      {stepLabel(step)}
                    </Badge>
                  ))}
                </Group>
              </Card>
            ))}
          </SimpleGrid>
        )}
      </Loaded>
    </Page>
  );
}
