import { Paper, Stack } from '@mantine/core';
import { IconRocket } from '@tabler/icons-react';

import { DemoOffer } from '../demo/demo-offer.tsx';
import { t } from '../messages/messages.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { LinkButton } from '../ui/link-button.tsx';

/** In place of empty charts: what to do so that they fill. */
export function FirstSteps() {
  return (
    <Stack gap="md" mb="md">
      <Paper withBorder radius="md">
        <EmptyState
          icon={IconRocket}
          title={t.overview.emptyTitle}
          action={<LinkButton to="/start">{t.overview.emptyAction}</LinkButton>}
        >
          {t.overview.emptyHint}
        </EmptyState>
      </Paper>
      <DemoOffer />
    </Stack>
  );
}
