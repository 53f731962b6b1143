import { recreditPeople } from '../attribution/recredit-people.ts';
import type { Context } from '../context.ts';
import { day } from '../kernel/clock.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { privacyRules } from '../privacy/privacy-rules.ts';
import { sessionTotals } from '../sessions/session-totals.ts';
import type { Transaction } from '../store/connection.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { rebuildVisits } from './rebuild-visits.ts';
import type { VisitChanges } from './rebuild-visits.ts';
import { createReplayStore } from './replay-store.ts';
import type { MemberRow, ReplayStore } from './replay-store.ts';
import { restoreConversions } from './restore-conversions.ts';
import { createValueStore } from './value-store.ts';

export interface PeopleChanges extends VisitChanges {
  readonly conversions: number;
  readonly visitorRevenue: number;
}

const peopleAtOnce = 100;
const attemptsMax = 20;
const nobody = '00000000-0000-0000-0000-000000000000';

/**
 * Visits, touches, conversions, credit and what visitors count, again for everybody: a hundred people at a time, each
 * time in a transaction of its own. `onPeople` is told how many are done.
 */
export async function rebuildPeople(
  context: Context,
  workspace: Workspace,
  /** Whether everything that was ever counted is still there. */
  isWhole: boolean,
  onPeople: (done: number, total: number) => void,
): Promise<PeopleChanges & { readonly total: number }> {
  const { database } = context;
  const store = createReplayStore(database.schema, sessionTotals);
  const ties = tie(await store.findTies(database, workspace.id));
  const total = await store.countPeople(database, workspace.id);
  let sum: PeopleChanges = {
    visits: 0,
    touches: 0,
    events: 0,
    visitors: 0,
    conversions: 0,
    visitorRevenue: 0,
  };
  let done = 0;
  for (let after = nobody; ;) {
    const roots = await store.findRoots(database, workspace.id, after, peopleAtOnce);
    const last = roots.at(-1);
    if (last === undefined) return { ...sum, total: done };
    const group = { store, roots, ties, isWhole };
    sum = addChanges(sum, await rebuildUnchanged(context, workspace, group));
    done += roots.length;
    onPeople(done, Math.max(total, done));
    after = last;
  }
}

interface Group {
  readonly store: ReplayStore;
  readonly roots: readonly string[];
  readonly ties: Ties;
  readonly isWhole: boolean;
}

/** Begins again where somebody was joined before the group was locked: locks are taken once, in one order. */
async function rebuildUnchanged(
  context: Context,
  workspace: Workspace,
  group: Group,
): Promise<PeopleChanges> {
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const changes = await context.database.transact((tx) =>
      rebuildGroup(context, workspace, tx, group),
    );
    if (changes !== undefined) return changes;
  }
  throw new UnavailableError('People are being joined all the time.', { retryAfterSeconds: 1 });
}

async function rebuildGroup(
  context: Context,
  workspace: Workspace,
  tx: Transaction,
  { store, roots, ties, isWhole }: Group,
): Promise<PeopleChanges | undefined> {
  const members = await lockGroup(tx, store, workspace.id, roots, ties);
  if (members === undefined) return undefined;
  const ids = members.map((member) => member.id);
  const visits = await rebuildVisits(context, workspace, tx, members, isWhole);

  const { retention } = privacyRules(workspace.settings);
  const values = createValueStore(context.database.schema);
  const since =
    retention.attribution === undefined
      ? -Infinity
      : context.clock.now() - retention.attribution * day;
  const restored = await restoreConversions(tx, context.database.schema, workspace.id, {
    values,
    ids,
    since,
  });
  await values.noteNewestConversions(tx, workspace.id, ids);
  await values.insertClickers(tx, workspace.id, ids);
  const people = [...new Set(members.map((member) => member.root_id))];
  await recreditPeople(tx, context.database.schema, workspace.id, people, restored.waitedFor);
  const visitorRevenue = isWhole ? await values.countRevenue(tx, workspace.id, ids) : 0;
  return { ...visits, conversions: restored.count, visitorRevenue };
}

/**
 * Locks all visitors of these people, and of those whose visits hang together with theirs; `undefined` where they were
 * joined to others while it waited.
 */
async function lockGroup(
  tx: Transaction,
  store: ReplayStore,
  workspaceId: string,
  roots: readonly string[],
  ties: Ties,
): Promise<readonly MemberRow[] | undefined> {
  const wanted = new Set(roots);
  for (;;) {
    const before = wanted.size;
    const members = await store.findMembers(tx, workspaceId, [...wanted]);
    const tied = members.flatMap((id) => [...(ties.get(id) ?? [])]);
    for (const root of await store.findRootsOf(tx, workspaceId, tied)) wanted.add(root);
    if (wanted.size > before) continue;
    const locked = await store.lockMembers(tx, workspaceId, members);
    const now = await store.findMembers(tx, workspaceId, [
      ...new Set([...wanted, ...locked.map((row) => row.root_id)]),
    ]);
    return now.length === locked.length ? locked : undefined;
  }
}

type Ties = ReadonlyMap<string, ReadonlySet<string>>;

function tie(
  pairs: ReadonlyArray<{ readonly visitor_id: string; readonly other_visitor_id: string }>,
): Ties {
  const ties = new Map<string, Set<string>>();
  const add = (from: string, to: string): void => {
    const known = ties.get(from);
    if (known === undefined) ties.set(from, new Set([to]));
    else known.add(to);
  };
  for (const { visitor_id: one, other_visitor_id: other } of pairs) {
    add(one, other);
    add(other, one);
  }
  return ties;
}

function addChanges(left: PeopleChanges, right: PeopleChanges): PeopleChanges {
  return {
    visits: left.visits + right.visits,
    touches: left.touches + right.touches,
    events: left.events + right.events,
    visitors: left.visitors + right.visitors,
    conversions: left.conversions + right.conversions,
    visitorRevenue: left.visitorRevenue + right.visitorRevenue,
  };
}
