import type { Migration } from './migration.ts';

/**
 * What processes count together of somebody's requests in one window. A network belongs to no workspace, so the table is
 * one of those that serve them all.
 */
export const rateCounts: Migration = {
  id: 3,
  name: 'rate-counts',
  breaking: false,
  reference: ['rate_count'],
  distributed: [],
  sql: (s) => `
create table ${s}.rate_count (
  rule text not null,
  subject text not null,
  ends_at timestamptz not null,
  requests bigint not null,
  primary key (rule, subject, ends_at)
);
create index rate_count_end on ${s}.rate_count (ends_at);
`,
};
