import type { ConnectorResponse } from '@headwater/client/api';

import { useNow } from '../app/use-now.ts';
import { t } from '../messages/messages.ts';
import { StateBadge } from '../ui/state-badge.tsx';

const colors = {
  off: 'gray',
  incomplete: 'orange',
  paused: 'red',
  resting: 'yellow',
  test: 'blue',
  on: 'teal',
} as const;

/** Whether conversions reach the platform now, and why not. */
export function ConnectorBadge({ connector }: { readonly connector: ConnectorResponse }) {
  const state = stateOf(connector, useNow(60_000));
  return <StateBadge color={colors[state]}>{t.connectors.states[state]}</StateBadge>;
}

function stateOf(connector: ConnectorResponse, now: number): keyof typeof colors {
  if (!connector.enabled) return 'off';
  if (connector.paused !== null) return 'paused';
  if (connector.credentials.some(({ optional, is_set }) => !optional && !is_set))
    return 'incomplete';
  if (connector.resting_until !== null && new Date(connector.resting_until).getTime() > now)
    return 'resting';
  return connector.test ? 'test' : 'on';
}
