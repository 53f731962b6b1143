import type { OutboxEntry, OutboxStore } from './outbox.ts';
import type { TrackedEvent } from './tracked-event.ts';

/** What runs SQL: `Pool` and `Client` of pg, PGlite and its transactions, or a few lines around another driver. */
export interface Queryable {
  query(text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
}

const defaultTable = 'headwater_outbox';

/** The table of an outbox, for the application's own migrations. */
export function postgresOutboxTable(table = defaultTable): string {
  // An index stands in the schema of its table, and its own name has none.
  const index = `${table.split('.').at(-1)}_due`;
  return `create table if not exists ${quoted(table)} (
  id uuid primary key,
  project text not null,
  event jsonb not null,
  attempts integer not null default 0,
  due_at timestamptz,
  error jsonb
);
create index if not exists ${quoted(index)} on ${quoted(table)} (project, due_at);`;
}

/**
 * Keeps an outbox in a table of PostgreSQL or PGlite. `database` is what claims and deletes; `enqueue` writes with the
 * transaction that it is given, which is a `Queryable` as well.
 *
 * @example
 * const outbox = createOutbox({ ...tracking, store: postgresOutbox(pool) });
 * await outbox.enqueue(client, { eventType: 'user_registered', userId });
 */
export function postgresOutbox(
  database: Queryable,
  { table = defaultTable }: { table?: string } = {},
): OutboxStore<Queryable> {
  const name = quoted(table);
  return {
    async insert(tx, { id, project, event, attempts }, dueAt) {
      await tx.query(
        `insert into ${name} (id, project, event, attempts, due_at)
         values ($1, $2, $3::jsonb, $4, $5::timestamptz)`,
        [id, project, JSON.stringify(event), attempts, dueAt.toISOString()],
      );
    },
    async claim({ project, now, until, limit }) {
      const { rows } = await database.query(
        `with due as (
           select id, due_at from ${name} where project = $1 and due_at <= $2::timestamptz
           order by due_at, id limit $4 for update skip locked
         ), claimed as (
           update ${name} as entry set due_at = $3::timestamptz from due where entry.id = due.id
           returning entry.id, entry.project, entry.event, entry.attempts, due.due_at
         )
         select id, project, event, attempts from claimed order by due_at, id`,
        [project, now.toISOString(), until.toISOString(), limit],
      );
      return rows.map((row) => entryOf(row as Row));
    },
    async remove(ids) {
      await database.query(`delete from ${name} where id = any ($1::uuid[])`, [[...ids]]);
    },
    async postpone(entries) {
      await database.query(
        `update ${name} as entry set attempts = attempts + 1, due_at = later.due_at
         from unnest($1::uuid[], $2::timestamptz[]) as later (id, due_at) where entry.id = later.id`,
        [entries.map(({ id }) => id), entries.map(({ dueAt }) => dueAt.toISOString())],
      );
    },
    async refuse(entries) {
      await database.query(
        `update ${name} as entry set attempts = attempts + 1, due_at = null, error = refused.error::jsonb
         from unnest($1::uuid[], $2::text[]) as refused (id, error) where entry.id = refused.id`,
        [entries.map(({ id }) => id), entries.map(({ error }) => JSON.stringify(error))],
      );
    },
  };
}

interface Row {
  id: string;
  project: string;
  /** Drivers parse JSON, unless they are told not to. */
  event: TrackedEvent | string;
  attempts: number;
}

function entryOf({ event, ...row }: Row): OutboxEntry {
  return { ...row, event: typeof event === 'string' ? (JSON.parse(event) as TrackedEvent) : event };
}

/** A name of the application's own, perhaps with its schema: `tracking.outbox`. */
function quoted(name: string): string {
  return name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
}
