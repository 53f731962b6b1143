import type { Migration } from './migration.ts';

/**
 * Whether upper and lower case make different keys is a choice of each domain. Its live links carry the same choice,
 * so that an index can hold two keys apart, or see that they are one, without looking at another table.
 */
export const caseOfKeys: Migration = {
  id: 2,
  name: 'case-of-keys',
  breaking: false,
  reference: [],
  distributed: [],
  sql: (s) => `
alter table ${s}.domain add column case_sensitive boolean not null default true;
-- A TLS terminator asks by name, whatever the port.
create index domain_name on ${s}.domain (split_part(host, ':', 1)) where verified_at is not null;

alter table ${s}.link add column case_sensitive boolean not null default true;
create unique index link_key_folded on ${s}.link (workspace_id, domain, lower(key)) where archived_at is null and not case_sensitive;
`,
};
