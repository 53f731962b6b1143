import { IconMapOff } from '@tabler/icons-react';

import { t } from '../messages/messages.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { LinkButton } from '../ui/link-button.tsx';

export function NotFound() {
  return (
    <EmptyState
      icon={IconMapOff}
      title={t.states.notFound}
      action={<LinkButton to="/overview">{t.nav.overview}</LinkButton>}
    >
      {t.states.notFoundHint}
    </EmptyState>
  );
}
