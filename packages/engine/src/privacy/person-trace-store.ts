import { boundValues } from '../ingest/daily-hash.ts';
import type { IncomingEvent } from '../ingest/event.ts';
import { visitorType } from '../invitations/entity.ts';
import { hashEntity } from '../invitations/hash-entity.ts';
import type { Statement } from '../store/connection.ts';
import type { Database } from '../store/database.ts';
import { quote } from '../store/migrate.ts';
import { hashIdentifier } from '../visitors/hash-identifier.ts';
import { normaliseIdentifier } from '../visitors/normalise-identifier.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { HashedIdentifier } from './person-reference.ts';

/** The visitors that are one person. */
export interface FoundPerson {
  readonly root: string;
  /** With the revision that each row had, as text. */
  readonly visitors: ReadonlyMap<string, string>;
  /** The receipt, where the person was erased. */
  readonly erasureId: string | undefined;
}

/** Where a person's rows are that do not stand under their visitors. */
export interface PersonTrace {
  readonly visitors: readonly string[];
  /** Of their events, in `event_key`. */
  readonly keys: readonly string[];
  /** Links that they followed. */
  readonly links: readonly string[];
  /** Events that named them, and events of theirs, in `identity_evidence`. */
  readonly evidence: readonly string[];
  /** Other people's devices that they used last, or on which a visit of theirs goes on. */
  readonly devices: readonly string[];
  /** Visits on other people's devices in which they were alone. */
  readonly visits: readonly string[];
  /** The same in which somebody else was too. */
  readonly sharedVisits: readonly string[];
  /** Events of others in visits that an arrival of theirs began. */
  readonly guests: ReadonlyArray<{ readonly id: string; readonly occurred_at: Date }>;
  readonly inbox: readonly string[];
  readonly pendingClicks: readonly string[];
  /** What they are compared by as entities: users of invitations and codes. */
  readonly entities: readonly Uint8Array[];
  /** Hashes of their addresses. */
  readonly emails: readonly Uint8Array[];
  /** Both together: partners are known by either. */
  readonly contacts: readonly Uint8Array[];
  /** Key hashes in `idempotent_request`. */
  readonly answers: readonly Uint8Array[];
  /** Whether an event on its way, in a spool or an inbox, is theirs. */
  isTheirs(event: IncomingEvent): boolean;
}

const pageSize = 1_000;
const nil = '00000000-0000-0000-0000-000000000000';

/** The person that a visitor or an identifier belongs to now. */
export async function findPersonBehind(
  database: Database,
  workspace: Workspace,
  named: { readonly visitorId: string } | HashedIdentifier,
): Promise<FoundPerson | undefined> {
  const schema = quote(database.schema);
  const statement = (name: string, text: string): Statement => ({
    name: `${database.schema}.privacy_${name}`,
    text,
  });
  let visitorId: string | undefined;
  if ('visitorId' in named) ({ visitorId } = named);
  else {
    const [bound] = await database.run<{ visitor_id: string }>(
      statement(
        'bound',
        `select visitor_id from ${schema}.identity where workspace_id = $1 and kind = $2 and value_hash = $3`,
      ),
      [workspace.id, named.kind, named.valueHash],
    );
    visitorId = bound?.visitor_id;
  }
  if (visitorId === undefined) return undefined;
  const [node] = await database.run<{ root_id: string; erasure_id: string | null }>(
    statement(
      'node',
      `select root_id, erasure_id from ${schema}.visitor where workspace_id = $1 and id = $2`,
    ),
    [workspace.id, visitorId],
  );
  if (node === undefined) return undefined;
  const members = await database.run<{ id: string; revision: string }>(
    statement(
      'members',
      `
select id, revision::text as revision from ${schema}.visitor
where workspace_id = $1 and (id = $2 or (root_id = $2 and root_id <> id))`,
    ),
    [workspace.id, node.root_id],
  );
  return {
    root: node.root_id,
    visitors: new Map(members.map((row) => [row.id, row.revision])),
    erasureId: node.erasure_id ?? undefined,
  };
}

/**
 * Looks for what no index leads to from a visitor. These are scans of the workspace's rows, so they come before any
 * lock; every event of the person changes the revision of one of their visitors, by which the caller sees whether it
 * still holds.
 */
export async function tracePerson(
  database: Database,
  workspace: Workspace,
  visitors: readonly string[],
): Promise<PersonTrace> {
  const schema = quote(database.schema);
  const find = <Row>(name: string, text: string) =>
    database.run<Row>({ name: `${database.schema}.trace_${name}`, text }, [workspace.id, visitors]);
  const keys = await find<{ key: string }>(
    'keys',
    `
select k.key from ${schema}.event_key k where k.workspace_id = $1 and k.event_id in (
  select e.id from ${schema}.event e where e.workspace_id = $1 and e.visitor_id = any($2::uuid[])
  union all select t.event_id from ${schema}.touch t where t.workspace_id = $1 and t.visitor_id = any($2::uuid[])
  union all select c.id from ${schema}.conversion c where c.workspace_id = $1 and c.visitor_id = any($2::uuid[]))`,
  );
  const links = await find<{ link_id: string }>(
    'links',
    `select distinct link_id from ${schema}.link_visitor where workspace_id = $1 and visitor_id = any($2::uuid[])`,
  );
  const evidence = await find<{ event_id: string }>(
    'evidence',
    `
select event_id from ${schema}.identity_evidence where workspace_id = $1 and (visitor_ids && $2::uuid[] or event_id in (
  select e.id from ${schema}.event e where e.workspace_id = $1 and e.visitor_id = any($2::uuid[])))`,
  );
  const devices = await find<{ id: string }>(
    'devices',
    `
select id from ${schema}.visitor
where workspace_id = $1 and not id = any($2::uuid[]) and (current_visitor_id = any($2::uuid[]) or session_id in (
  select e.session_id from ${schema}.event e where e.workspace_id = $1 and e.visitor_id = any($2::uuid[])))`,
  );
  // A visit stands under its device, whoever signs in there. Its events are looked for by time: it lasts a day at most.
  const visits = await find<{ id: string; shared: boolean }>(
    'visits',
    `
select s.id, exists (
  select from ${schema}.event o where o.workspace_id = $1 and o.session_id = s.id and not o.visitor_id = any($2::uuid[])
    and o.occurred_at between s.started_at - interval '1 hour' and s.started_at + interval '25 hours') as shared
from ${schema}.session s
where s.workspace_id = $1 and not s.visitor_id = any($2::uuid[]) and s.id in (
  select e.session_id from ${schema}.event e where e.workspace_id = $1 and e.visitor_id = any($2::uuid[])
  union all select t.session_id from ${schema}.touch t where t.workspace_id = $1 and t.visitor_id = any($2::uuid[]))`,
  );
  // Who shared a device was refused a merge there, or taken apart again.
  const guests = await find<{ id: string; occurred_at: Date }>(
    'guests',
    `
select e.id, e.occurred_at from ${schema}.touch t
join ${schema}.event e on e.workspace_id = $1 and e.touch_id = t.id and not e.visitor_id = any($2::uuid[])
  and e.occurred_at between t.occurred_at - interval '1 day' and t.occurred_at + interval '1 day'
where t.workspace_id = $1 and t.visitor_id = any($2::uuid[]) and (
  exists (select from ${schema}.merge_refusal r where r.workspace_id = $1
    and (r.visitor_id = any($2::uuid[]) or r.other_visitor_id = any($2::uuid[])))
  or exists (select from ${schema}.merge m where m.workspace_id = $1 and m.undone_at is not null
    and (m.winner_id = any($2::uuid[]) or m.loser_id = any($2::uuid[]))))`,
  );
  const answers = await find<{ key_hash: Uint8Array }>(
    'answers',
    `
select key_hash from ${schema}.idempotent_request
where workspace_id = $1 and exists (select from unnest($2::text[]) as t(id) where strpos(body::text, t.id) > 0)`,
  );
  const identifiers = await find<{ kind: string; value_hash: string }>(
    'identifiers',
    `
select kind, encode(value_hash, 'hex') as value_hash from ${schema}.identity
where workspace_id = $1 and visitor_id = any($2::uuid[])`,
  );
  const isTheirs = recogniseEvents(workspace, visitors, identifiers);
  const hashesOf = (kind: string) =>
    identifiers.filter((row) => row.kind === kind).map((row) => Buffer.from(row.value_hash, 'hex'));
  const entities = [
    ...hashesOf('external_id'),
    ...visitors.map((id) => hashEntity(workspace, { type: visitorType, id })),
  ];
  const emails = hashesOf('email');
  return {
    visitors,
    keys: keys.map((row) => row.key),
    links: links.map((row) => row.link_id),
    evidence: evidence.map((row) => row.event_id),
    devices: devices.map((row) => row.id),
    visits: visits.filter(({ shared }) => !shared).map((row) => row.id),
    sharedVisits: visits.filter(({ shared }) => shared).map((row) => row.id),
    guests,
    inbox: await findWaiting(database, workspace.id, 'inbox', isTheirs),
    pendingClicks: await findWaiting(database, workspace.id, 'pending_click', isTheirs),
    entities,
    emails,
    contacts: [...entities, ...emails],
    answers: answers.map((row) => row.key_hash),
    isTheirs,
  };
}

function recogniseEvents(
  workspace: Workspace,
  visitors: readonly string[],
  identifiers: ReadonlyArray<{ readonly kind: string; readonly value_hash: string }>,
): PersonTrace['isTheirs'] {
  const ids = new Set(visitors);
  const hashes = new Set(identifiers.map((row) => `${row.kind} ${row.value_hash}`));
  return (event) =>
    event.workspaceId === workspace.id &&
    ([event.visitorId, event.sameAsVisitorId].some((id) => id !== undefined && ids.has(id)) ||
      event.identifiers.some((identifier) => {
        const value = normaliseIdentifier(identifier, workspace.settings);
        if (value === undefined) return false;
        for (const bound of boundValues(identifier.kind, value)) {
          const hash = hashIdentifier(workspace, identifier.kind, bound).toString('hex');
          if (hashes.has(`${identifier.kind} ${hash}`)) return true;
        }
        return false;
      }));
}

/** Events that no batch has taken in yet name people in clear: they are read one by one. */
async function findWaiting(
  database: Database,
  workspaceId: string,
  table: 'inbox' | 'pending_click',
  isTheirs: PersonTrace['isTheirs'],
): Promise<string[]> {
  const statement = {
    name: `${database.schema}.trace_${table}`,
    text: `
select id, payload from ${quote(database.schema)}.${table}
where workspace_id = $1 and id > $2 order by id limit ${pageSize}`,
  };
  const theirs: string[] = [];
  for (let after = nil; ;) {
    const rows = await database.run<{ id: string; payload: IncomingEvent }>(statement, [
      workspaceId,
      after,
    ]);
    for (const row of rows) if (isTheirs(row.payload)) theirs.push(row.id);
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return theirs;
    after = last.id;
  }
}
