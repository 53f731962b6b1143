import { sql } from 'kysely';

import { minute, hour, day } from '../kernel/clock.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../options.ts';
import type { Statement } from './connection.ts';
import type { Database, Db } from './database.ts';
import { quote } from './migrate.ts';

/** What other processes have to learn of, by topic: they forget what they remember of the subject. */
export type ChangeTopic = 'workspace' | 'domain' | 'api_key' | 'link' | 'erasure';

export interface Change {
  readonly workspaceId: string;
  readonly id: string;
  readonly topic: ChangeTopic;
  readonly subject: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

/** Written in the transaction of what changed: whoever reads it can read that too. */
export async function insertChange(db: Db, change: Change): Promise<void> {
  await db
    .insertInto('change')
    .values({
      workspace_id: change.workspaceId,
      id: change.id,
      topic: change.topic,
      subject: JSON.stringify(change.subject),
      created_at: change.at,
    })
    .execute();
}

/** The same for many changes, in one statement. */
export async function insertChanges(db: Db, changes: readonly Change[]): Promise<void> {
  const [first] = changes;
  if (first === undefined) return;
  const given = sql<{ id: string; subject: string }>`unnest(
    ${changes.map(({ id }) => id)}::uuid[],
    ${changes.map(({ subject }) => JSON.stringify(subject))}::text[]
  )`.as<'given'>(sql`given(id, subject)`);
  await db
    .insertInto('change')
    .columns(['workspace_id', 'id', 'topic', 'subject', 'created_at'])
    .expression((eb) =>
      eb
        .selectFrom(given)
        .select([
          sql<string>`${first.workspaceId}::uuid`.as('workspace_id'),
          'id',
          sql<string>`${first.topic}::text`.as('topic'),
          sql<string>`given.subject::jsonb`.as('subject'),
          sql<Date>`${first.at.toISOString()}::timestamptz`.as('created_at'),
        ]),
    )
    .execute();
}

/** What somebody changed, here or in another process. */
export type ChangeNews = Pick<Change, 'workspaceId' | 'topic' | 'subject'>;

/** `everything` where changes may have been missed: forget all that is remembered. */
export type ChangeListener = (news: ChangeNews | 'everything') => void;

/** How processes learn of one another's changes without notifications in the event path (design, law 16). */
export interface ChangeLog {
  /** Reads what has committed since the last time and tells the subscribers. */
  poll(): Promise<void>;
  /** Whether the last reading is too old for what is remembered to be relied on. */
  isBehind(): boolean;
  /** Reads if the log is behind, waits a moment at most, and never throws: an unreachable database changes nothing. */
  catchUp(): Promise<void>;
  subscribe(topic: ChangeTopic, listener: ChangeListener): () => void;
  /** Tells the subscribers in this process at once. */
  announce(news: ChangeNews): void;
  /** Reads regularly, and deletes what every process has read, until `stop`. */
  start(): void;
  stop(): Promise<void>;
}

export interface ChangeLogOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMilliseconds: number;
}

/** Rows are kept for as long as a process may pause and still miss nothing. */
const keepFor = hour;
/** What a host's transaction may have held back longer than {@link keepFor}. */
const keepForAtMost = day;
const pruneEvery = 10 * minute;
const catchUpPatience = 50;
const retryAfter = 1_000;

export function createChangeLog({
  database,
  clock,
  logger,
  everyMilliseconds,
}: ChangeLogOptions): ChangeLog {
  const statements = statementsFor(database.schema);
  const listeners = new Map<ChangeTopic, Set<ChangeListener>>();
  /** The database snapshot of the last reading: what it cannot see is news. */
  let snapshot: string | undefined;
  let readAt = -Infinity;
  let reading: Promise<void> | undefined;
  let readingSince = 0;
  let failedAt = -Infinity;
  let running = false;
  let complained = false;
  let timer: NodeJS.Timeout | undefined;
  /** A snapshot that will be {@link keepFor} old when rows that it sees are deleted. */
  let pruneMark: { readonly snapshot: string; readonly at: number } | undefined;
  let prunedAt = -Infinity;

  const tell = (listener: ChangeListener, news: ChangeNews | 'everything'): void => {
    try {
      listener(news);
    } catch (error) {
      logger.error('A subscriber of the change log failed', { error: describeFault(error) });
    }
  };

  async function read(): Promise<void> {
    const now = clock.now();
    // After a longer pause rows may have been deleted unread.
    const since = Math.abs(now - readAt) > keepFor ? undefined : snapshot;
    const rows = await database.run<{
      snapshot: string;
      workspace_id: string | null;
      topic: ChangeTopic;
      subject: Change['subject'];
    }>(since === undefined ? statements.look : statements.read, since === undefined ? [] : [since]);
    snapshot = rows[0]!.snapshot;
    readAt = now;
    if (since === undefined) {
      for (const set of listeners.values())
        for (const listener of set) tell(listener, 'everything');
      return;
    }
    for (const row of rows) {
      if (row.workspace_id === null) continue;
      const news = { workspaceId: row.workspace_id, topic: row.topic, subject: row.subject };
      for (const listener of listeners.get(row.topic) ?? []) tell(listener, news);
    }
  }

  function poll(): Promise<void> {
    // A reading under way may have looked before the caller's change: another one follows it.
    const before = reading ?? Promise.resolve();
    const next = before.then(read, read);
    const tracked = next.then(
      () => {
        failedAt = -Infinity;
      },
      () => {
        failedAt = performance.now();
      },
    );
    readingSince = performance.now();
    reading = tracked;
    void tracked.then(() => {
      if (reading === tracked) reading = undefined;
    });
    return next;
  }

  async function prune(): Promise<void> {
    const now = clock.now();
    if (Math.abs(now - prunedAt) < pruneEvery || snapshot === undefined) return;
    prunedAt = now;
    const seen =
      pruneMark !== undefined && now - pruneMark.at >= keepFor ? pruneMark.snapshot : null;
    await database.run(statements.prune, [seen, new Date(now - keepForAtMost)]);
    if (pruneMark === undefined || seen !== null) pruneMark = { snapshot, at: now };
  }

  async function tick(): Promise<void> {
    const began = performance.now();
    try {
      await poll();
      await prune();
      complained = false;
    } catch (error) {
      if (!complained)
        logger.warn('The change log could not be read', { error: describeFault(error) });
      complained = true;
    }
    if (!running) return;
    // From one reading to the next, so that a slow one does not make the next one late.
    const wait = Math.max(0, everyMilliseconds - (performance.now() - began));
    timer = setTimeout(() => void tick(), wait).unref();
  }

  // A clock that went back says nothing of how old a reading is.
  const isBehind = (): boolean =>
    Math.abs(clock.now() - readAt) > (running ? 2 : 1) * everyMilliseconds;

  return {
    poll,
    isBehind,
    async catchUp() {
      if (!isBehind()) return;
      const now = performance.now();
      if (reading === undefined) {
        if (now - failedAt < retryAfter) return;
        poll().catch(() => undefined);
      } else if (now - readingSince > catchUpPatience) {
        return;
      }
      await Promise.race([reading, moment(catchUpPatience)]);
    },
    subscribe(topic, listener) {
      const set = listeners.get(topic) ?? new Set();
      listeners.set(topic, set.add(listener));
      return () => set.delete(listener);
    },
    announce(news) {
      for (const listener of listeners.get(news.topic) ?? []) tell(listener, news);
    },
    start() {
      if (running) return;
      running = true;
      void tick();
    },
    async stop() {
      running = false;
      clearTimeout(timer);
      await reading;
    },
  };
}

/**
 * A row is news when its transaction was not yet over for the snapshot of the last reading, however early its id was
 * given: a late commit is not skipped, and a long transaction holds nobody up. The first condition lets the index
 * leave out everything older.
 */
function statementsFor(schemaName: string): { look: Statement; read: Statement; prune: Statement } {
  const change = `${quote(schemaName)}.change`;
  return {
    look: {
      name: `${schemaName}.look_at_changes`,
      text: 'select pg_current_snapshot()::text as snapshot, null::uuid as workspace_id',
    },
    read: {
      name: `${schemaName}.read_changes`,
      text: `
select s.snapshot::text, c.workspace_id, c.topic, c.subject
from (select pg_current_snapshot() as snapshot) s
left join ${change} c
  on c.transaction_id >= pg_snapshot_xmin($1::text::pg_snapshot)
  and not pg_visible_in_snapshot(c.transaction_id, $1::text::pg_snapshot)
order by c.id`,
    },
    prune: {
      name: `${schemaName}.prune_changes`,
      text: `
delete from ${change}
where ($1::text is not null and transaction_id < pg_snapshot_xmax($1::text::pg_snapshot)
    and pg_visible_in_snapshot(transaction_id, $1::text::pg_snapshot))
  or created_at < $2::timestamptz`,
    },
  };
}

function moment(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
