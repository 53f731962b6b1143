import { t } from '../messages/messages.ts';
import { StateBadge } from '../ui/state-badge.tsx';

export const outcomes = [
  'created',
  'updated',
  'archived',
  'unchanged',
  'skipped',
  'refused',
] as const;
export type Outcome = (typeof outcomes)[number];

const colors = {
  created: 'teal',
  updated: 'blue',
  archived: 'orange',
  unchanged: 'gray',
  skipped: 'gray',
  refused: 'red',
} as const;

/** What became of one of many, or would become of it. */
export function OutcomeBadge({ outcome }: { readonly outcome: Outcome }) {
  return <StateBadge color={colors[outcome]}>{t.outcomes[outcome]}</StateBadge>;
}
