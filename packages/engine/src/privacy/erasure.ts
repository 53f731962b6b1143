import type { PersonTable } from './table-rule.ts';

/** What forgetting somebody did. It names nobody, so it can be kept as the proof. */
export interface ErasureReceipt {
  readonly id: string;
  readonly workspaceId: string;
  readonly erasedAt: Date;
  /** How many rows of each table were erased or blanked. */
  readonly rows: Readonly<Partial<Record<PersonTable, number>>>;
  /** Who asked: the id of an API key, or what the host calls its people. */
  readonly actor: string | undefined;
}
