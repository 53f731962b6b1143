import type { PGlite } from '@electric-sql/pglite';

import type { Context } from '../../packages/engine/src/context.ts';
import { rebuildWorkspace } from '../../packages/engine/src/rebuild/rebuild-workspace.ts';
import { openEmbeddedFolder } from '../../packages/engine/src/store/embedded-folder.ts';
import { createEmbeddedDatabase } from '../../packages/engine/src/store/pglite.ts';
import { createDatabase, createPool } from '../../packages/engine/src/store/postgres.ts';
import { contextOn } from '../support/context.ts';
import { findBroken } from '../support/invariants.ts';
import type { KeyedEvent, LoadRecord } from './retrying-load.ts';
import { secret } from './served.ts';

/** Where the rows are: in a folder that no process has open, behind a URL, or in memory. */
export type Rows =
  | { readonly folder: string }
  | { readonly url: string }
  | { readonly pglite: PGlite };

/** What the database has of what the clients know. */
export interface Checked {
  /** Acknowledged, and not there as it was sent. */
  readonly lost: readonly string[];
  /** There more than once, or never sent. */
  readonly twice: readonly string[];
  /** What does not follow from the events: people, visits, counters, money. */
  readonly broken: readonly string[];
  readonly events: number;
}

interface StoredEvent {
  readonly id: string;
  readonly type: string;
  readonly amount_minor: bigint | null;
  readonly currency: string | null;
}

/** Reads what the clients themselves wrote; what else the server records of itself is none of theirs. */
const ofClients = `type in ('link_click', 'pageview', 'custom', 'identify', 'sale', 'refund')`;

/**
 * What concurrent batches leave to a rebuild, because events of one moment may be committed in any order: where one
 * visit ends and the next begins, what it began with (docs/sessions.md), and which visitor of a person is its root. Who
 * is one person, links and money are exact at once.
 */
const provisional: ReadonlySet<string> = new Set([
  'identities',
  'visits',
  'touches',
  'events',
  'visitors',
]);

/**
 * Compares a database with what clients were told. Everything they sent with a key has to be there once, whatever
 * became of it on the way; of redirects those that were answered, and at most one for each that was not.
 *
 * `rebuilds`: a rebuild from the events then has to find nothing to change. It may find something where merges were
 * refused (the order of arrival decided) and where clicks waited in a spool while others landed.
 */
export async function checkRecord(
  rows: Rows,
  records: readonly LoadRecord[],
  { rebuilds = true }: { readonly rebuilds?: boolean } = {},
): Promise<Checked> {
  const { context, close } = await openRows(rows);
  try {
    const workspace = await context.workspaces.first();
    const stored = await context.database.run<StoredEvent>(
      {
        name: '',
        text: `select id, type, amount_minor, currency from headwater.event where workspace_id = $1 and ${ofClients}`,
      },
      [workspace.id],
    );
    const broken = await findBroken(context, workspace);
    if (rebuilds) {
      broken.push(...(await findUnlikeEvents(context)));
      broken.push(...(await findBroken(context, workspace)));
    }
    return { ...compare(stored, records), broken, events: stored.length };
  } finally {
    await close();
  }
}

/** Fails with what is not as it was acknowledged. */
export async function assertKept(
  ...given: Parameters<typeof checkRecord>
): Promise<{ readonly events: number }> {
  const { lost, twice, broken, events } = await checkRecord(...given);
  const wrong = [
    ...lost.map((what) => `lost: ${what}`),
    ...twice.map((what) => `twice: ${what}`),
    ...broken.map((what) => `broken: ${what}`),
  ];
  if (wrong.length > 0)
    throw new Error(`Of ${events} events ${wrong.length}:\n${wrong.slice(0, 20).join('\n')}`);
  return { events };
}

function compare(
  stored: readonly StoredEvent[],
  records: readonly LoadRecord[],
): Pick<Checked, 'lost' | 'twice'> {
  const lost: string[] = [];
  const twice: string[] = [];
  const byId = Map.groupBy(stored, ({ id }) => id);
  for (const [id, rows] of byId) if (rows.length > 1) twice.push(`${rows.length} rows of ${id}`);
  const told = new Set<string>();
  for (const { keyed, clicks } of records) {
    for (const [key, event] of keyed) {
      const row = byId.get(event.eventId ?? '')?.[0];
      if (row === undefined || !isSame(row, event)) lost.push(`${event.type} ${key}`);
      if (event.eventId !== undefined && told.has(event.eventId))
        twice.push(`${event.eventId} is two events of the clients`);
      told.add(event.eventId ?? '');
    }
    for (const id of clicks) {
      if (byId.get(id)?.[0]?.type !== 'link_click') lost.push(`click ${id}`);
      told.add(id);
    }
  }
  const untold = stored.filter(({ id }) => !told.has(id));
  for (const { id, type } of untold)
    if (type !== 'link_click') twice.push(`${type} ${id}, which nobody was told of`);
  const unanswered = records.reduce((sum, record) => sum + record.unansweredClicks, 0);
  const clicks = untold.filter(({ type }) => type === 'link_click').length;
  if (clicks > unanswered)
    twice.push(`${clicks} clicks beside ${unanswered} redirects without an answer`);
  return { lost, twice };
}

function isSame(row: StoredEvent, event: KeyedEvent): boolean {
  return (
    row.type === event.type &&
    (event.amountMinor === undefined || String(row.amount_minor) === String(event.amountMinor)) &&
    (row.currency ?? undefined) === event.currency
  );
}

async function findUnlikeEvents(context: Context): Promise<string[]> {
  const workspace = await context.workspaces.first();
  const before = await readPeople(context, workspace.id);
  const { changed } = await rebuildWorkspace(context, workspace);
  const after = await readPeople(context, workspace.id);
  const others = [...after].filter(([id, person]) => before.get(id) !== person);
  return [
    ...others.map(([id]) => `visitor ${id} is of other people after a rebuild`),
    ...Object.entries(changed)
      .filter(([what, count]) => count > 0 && !provisional.has(what))
      .map(([what, count]) => `a rebuild changed ${count} of ${what}`),
  ];
}

/** Each visitor's person, by the first id of its visitors: which of them all others point at is the order's choice. */
async function readPeople(context: Context, workspaceId: string): Promise<Map<string, string>> {
  const rows = await context.database.run<{ id: string; person: string }>(
    {
      name: '',
      text: `select id, min(id::text) over (partition by root_id) as person from headwater.visitor where workspace_id = $1`,
    },
    [workspaceId],
  );
  return new Map(rows.map(({ id, person }) => [id, person]));
}

async function openRows(rows: Rows): Promise<{ context: Context; close(): Promise<void> }> {
  const settings = { schema: 'headwater' };
  if ('folder' in rows) {
    const folder = await openEmbeddedFolder(rows.folder);
    const database = createEmbeddedDatabase(folder.pglite, {
      ...settings,
      close: () => folder.close(),
    });
    return { context: contextOn(database, folder.secret!), close: () => database.close() };
  }
  if ('pglite' in rows) {
    const database = createEmbeddedDatabase(rows.pglite, settings);
    return { context: contextOn(database, secret), close: () => database.close() };
  }
  const pool = createPool(rows.url, 4);
  const database = createDatabase(pool, {
    ...settings,
    size: 'server',
    batchesInFlight: 1,
    prepare: true,
    onClose: () => pool.end(),
  });
  return { context: contextOn(database, secret), close: () => database.close() };
}
