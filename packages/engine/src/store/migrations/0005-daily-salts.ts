import type { Migration } from './migration.ts';

/** The salt under which visitors without cookies are recognised for one day. */
export const dailySalts: Migration = {
  id: 5,
  name: 'daily-salts',
  breaking: false,
  reference: [],
  distributed: ['daily_salt'],
  sql: (s) => `
create table ${s}.daily_salt (
  workspace_id uuid not null,
  -- Whole days since the epoch, UTC.
  day integer not null,
  salt bytea not null,
  primary key (workspace_id, day)
);
`,
};
