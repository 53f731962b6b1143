import type { Migration } from './migration.ts';

/**
 * How many requests went to a platform lately, for all processes: of each of its rates the beginning of the present
 * window, and the requests in it.
 */
export const connectorPace: Migration = {
  id: 24,
  name: 'connector_pace',
  breaking: false,
  reference: [],
  distributed: [],
  sql: (s) => `
alter table ${s}.connector add column pace jsonb;
`,
};
