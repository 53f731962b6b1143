import { en } from './en.ts';

/** Everything that the dashboard says. A translation is another object of this type. */
export type Messages = typeof en;

export const t: Messages = en;
