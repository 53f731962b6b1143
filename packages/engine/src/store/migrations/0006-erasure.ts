import type { Migration } from './migration.ts';

/**
 * Forgetting people. What stays of one is the nodes, blank, and the keyed hashes of the identifiers that point at them:
 * by these every batch recognises in the lookup that it makes anyway what must not come back.
 */
export const erasure: Migration = {
  id: 6,
  name: 'erasure',
  breaking: false,
  reference: [],
  distributed: ['erasure'],
  sql: (s) => `
alter table ${s}.visitor add column erasure_id uuid;
-- The receipts: how many rows of each table were erased, and nothing of whom.
create table ${s}.erasure (
  workspace_id uuid not null,
  id uuid not null,
  erased_at timestamptz not null,
  rows jsonb not null,
  -- Who asked: the id of an API key, or what the host calls its people.
  actor text,
  primary key (workspace_id, id)
);
`,
};
