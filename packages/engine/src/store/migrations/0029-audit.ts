import type { Migration } from './migration.ts';

/** Who changed what: written in the transaction of the change. Actors are API keys and members of the team. */
export const audit: Migration = {
  id: 29,
  name: 'audit',
  breaking: false,
  reference: [],
  distributed: ['audit_entry'],
  sql: (s) => `
create table ${s}.audit_entry (
  workspace_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  -- The id of an API key, or what the host calls its caller; nothing for the engine itself.
  actor text,
  -- What was done: 'link.updated'.
  action text not null,
  subject_type text not null,
  subject_id text not null,
  -- Fields by their names in the API, each with what it was and what it is; never a secret.
  changes jsonb not null,
  primary key (workspace_id, id)
);
create index audit_entry_subject on ${s}.audit_entry (workspace_id, subject_type, subject_id, id);
create index audit_entry_at on ${s}.audit_entry (workspace_id, at);
`,
};
