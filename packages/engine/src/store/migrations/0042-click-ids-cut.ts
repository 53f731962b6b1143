import type { Migration } from './migration.ts';

/** Up to when the ids of advertising clicks have been cut out, so that a process that starts does not read it all again. */
export const clickIdsCut: Migration = {
  id: 42,
  name: 'click-ids-cut',
  breaking: false,
  reference: [],
  distributed: [],
  sql: (s) => `
alter table ${s}.workspace add column click_ids_cut_until timestamptz;
`,
};
