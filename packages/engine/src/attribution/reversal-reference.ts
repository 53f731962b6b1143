import { isUuid } from '../kernel/id.ts';
import { isGoal } from './goal.ts';
import type { Goal } from './goal.ts';

/** What an event of type `refund` takes back. Without an amount it takes back the whole conversion. */
export interface ReversalReference {
  readonly kind: 'refund' | 'removal';
  /** The event that it names, by its id or its key; `undefined` where it means the latest of the person. */
  readonly key: string | undefined;
  readonly goal: Goal;
}

/** The names under which events keep it in their properties, where a rebuild finds it too. */
export const reversalProperties = { key: 'refund_of', goal: 'refund_of_type' } as const;

/** `undefined` for what takes nothing back. */
export function reversalReference(event: {
  readonly type: string;
  readonly amountMinor?: string | undefined;
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
}): ReversalReference | undefined {
  if (event.type !== 'refund') return undefined;
  const key = event.properties?.[reversalProperties.key];
  const goal = event.properties?.[reversalProperties.goal];
  return {
    kind: event.amountMinor === undefined ? 'removal' : 'refund',
    key: typeof key === 'string' && isUuid(key) ? key.toLowerCase() : undefined,
    goal: typeof goal === 'string' && isGoal(goal) ? goal : 'sale',
  };
}
