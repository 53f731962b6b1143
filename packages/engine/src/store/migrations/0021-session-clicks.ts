import type { Migration } from './migration.ts';

/**
 * Links that were followed run on the device's row while the visit goes on, like its other measures: a further click in
 * a visit then writes no session.
 */
export const sessionClicks: Migration = {
  id: 21,
  name: 'session-clicks',
  breaking: false,
  reference: [],
  distributed: [],
  sql: (s) => `
alter table ${s}.visitor add column session_clicks integer not null default 0;
`,
};
