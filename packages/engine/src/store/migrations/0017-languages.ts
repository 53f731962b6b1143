import type { Migration } from './migration.ts';

/** The language of visits, as one more dimension of reports: the hours that are kept as columns are made again with it. */
export const languages: Migration = {
  id: 17,
  name: 'languages',
  breaking: false,
  reference: [],
  distributed: [],
  sql: (s) => `
alter table ${s}.session add column language text;
alter table ${s}.activity_hour add column language bytea;
update ${s}.activity_hour set stale = true, revision = revision + 1 where not stale;
`,
};
