import { t } from '../messages/messages.ts';

/** Those without parameters of their own to ask for, in the order in which they are offered. */
export const modelNames = [
  'last_non_direct',
  'first_touch',
  'last_touch',
  'last_paid',
  'linear',
  'time_decay',
  'position_based',
  'j_shaped',
  'inverse_j',
  'w_shaped',
  'participation',
  'markov',
  'shapley',
] as const;

/** Those that say something of one path: the others learn from all of them together. */
export const pathModelNames = modelNames.filter((name) => name !== 'markov' && name !== 'shapley');

export type ModelName = (typeof modelNames)[number];

/** Keys have the parameters in brackets. */
export function modelLabel(key: string): string {
  const name = /^\w+/.exec(key)?.[0] ?? key;
  return t.models[name as ModelName] ?? name;
}
