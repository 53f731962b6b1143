import type { Migration } from './migration.ts';

/**
 * Which transaction recorded an event: what live messages are read by. Events are appended, so their ids rise along the
 * table and a block range index of a few pages finds the latest; it is no work for each event.
 */
export const liveEvents: Migration = {
  id: 4,
  name: 'live-events',
  breaking: false,
  reference: [],
  distributed: [],
  sql: (s) => `
alter table ${s}.event add column transaction_id bigint;
alter table ${s}.event alter column transaction_id set default (pg_current_xact_id()::text::bigint);
create index event_transaction on ${s}.event using brin (transaction_id) with (pages_per_range = 32, autosummarize = on);
`,
};
