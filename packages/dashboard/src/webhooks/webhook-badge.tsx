import type { WebhookResponse } from '@headwater/client/api';

import { t } from '../messages/messages.ts';
import { StateBadge } from '../ui/state-badge.tsx';

const colors = { enabled: 'teal', failing: 'orange', disabled: 'gray', archived: 'gray' } as const;

export function WebhookBadge({ webhook }: { readonly webhook: WebhookResponse }) {
  const state = stateOf(webhook);
  return <StateBadge color={colors[state]}>{t.webhooks.states[state]}</StateBadge>;
}

function stateOf({ archived_at, status, failing_since }: WebhookResponse): keyof typeof colors {
  if (archived_at !== null) return 'archived';
  if (status === 'disabled') return 'disabled';
  return failing_since === null ? 'enabled' : 'failing';
}
