import { Paper } from '@mantine/core';
import { IconRocket } from '@tabler/icons-react';

import { t } from '../messages/messages.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { LinkButton } from '../ui/link-button.tsx';

/** In place of empty charts: what to do so that they fill. */
export function FirstSteps() {
  return (
    <Paper withBorder radius="md">
      <EmptyState
        icon={IconRocket}
        title={t.overview.emptyTitle}
        action={<LinkButton to="/start">{t.overview.emptyAction}</LinkButton>}
      >
        {t.overview.emptyHint}
      </EmptyState>
    </Paper>
  );
}
