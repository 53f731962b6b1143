import type { Migration } from './migration.ts';

/** Refunds and removals as rows of their own, and what reports on a period are found by: docs/adr/0007. */
export const attribution: Migration = {
  id: 9,
  name: 'attribution',
  breaking: false,
  reference: [],
  distributed: [],
  sql: (s) => `
alter table ${s}.conversion
  -- A row of type refund or removal takes back: its amount is negative, and its touches and link are those of the
  -- conversion that it reverses; null while none is known that it could mean.
  add column reverses_id uuid,
  -- What kind of conversion it means.
  add column reverses_type text,
  -- The event, or the key of the event, that it names; null where it means the latest of the person.
  add column reverses_key uuid;
create index conversion_time on ${s}.conversion (workspace_id, occurred_at, id);
create index conversion_reverses on ${s}.conversion (workspace_id, reverses_id) where reverses_id is not null;
create index conversion_reverses_key on ${s}.conversion (workspace_id, reverses_key) where reverses_key is not null;
-- For the paths of those who did not convert. A few bytes for 32 pages, so that arrivals pay nothing for it.
create index touch_time on ${s}.touch using brin (workspace_id, occurred_at) with (pages_per_range = 32, autosummarize = on);
`,
};
