import type { Migration } from './migration.ts';

/** How many requests went to a platform lately: processes share its rates. */
export const connectorPace: Migration = {
  id: 24,
  name: 'connector_pace',
  breaking: false,
  reference: [],
  distributed: [],
  sql: (s) => `
-- The beginning of the present window of each rate, and the requests in it.
alter table ${s}.connector add column pace jsonb;
`,
};
