import type { Migration } from './migration.ts';

/** The index that the one of the migration before stands in for. */
export const eventsOfVisitorsAndTime: Migration = {
  id: 34,
  name: 'events-of-visitors-and-time',
  breaking: false,
  reference: [],
  distributed: [],
  sql: (s) => `
drop index ${s}.event_visitor;
`,
};
