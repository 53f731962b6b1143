import type { Migration } from './migration.ts';

/**
 * The events of a visitor by the visitor alone: the entries of one visitor then share one key, which takes a third of
 * the bytes. Who reads a timeline sorts the events of one person. docs/adr/0027. The index that it stands in for goes in a
 * step of its own: its lock may have to be asked for again, and the work of this one is not.
 */
export const eventsOfVisitors: Migration = {
  id: 33,
  name: 'events-of-visitors',
  breaking: false,
  reference: [],
  distributed: [],
  sql: (s) => `
create index event_of_visitor on ${s}.event (workspace_id, visitor_id);
`,
};
