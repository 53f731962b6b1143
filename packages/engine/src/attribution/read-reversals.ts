import type { Transaction } from '../store/connection.ts';
import type { ReversalRow, ReversalStore, TargetRow } from './reversal-store.ts';

/** The event that a reversal names, by its id; a key that is not known yet as it is. */
export type NamedBy = (row: ReversalRow) => string | undefined;

/** Everything that decides what the reversals of some people take back, and who takes back what is theirs. */
export interface ReadReversals {
  readonly rows: readonly ReversalRow[];
  /** By id. Locked: nobody else takes back from them until the end of the transaction. */
  readonly targets: ReadonlyMap<string, TargetRow>;
  readonly namedBy: NamedBy;
}

/**
 * Reads the reversals of these people (by root), those of their conversions, and those that waited for a conversion that
 * is new. What they take back is locked first, and they are read behind that: of two who take back from one conversion
 * at once, the second one sees what the first one took.
 */
export async function readReversals(
  store: ReversalStore,
  tx: Transaction,
  workspaceId: string,
  { roots, arrived }: { readonly roots: readonly string[]; readonly arrived: readonly string[] },
): Promise<ReadReversals> {
  const before = await store.findReversals(tx, workspaceId, roots, arrived);
  if (before.length === 0) return { rows: [], targets: new Map(), namedBy: () => undefined };
  const events = new Map<string, string>();
  const namedBy: NamedBy = ({ reverses_key: key }) =>
    key === null ? undefined : (events.get(key) ?? key);
  const resolve = async (rows: readonly ReversalRow[]): Promise<void> => {
    const keys = new Set(rows.flatMap((row) => row.reverses_key ?? []));
    if (keys.size === 0) return;
    for (const [key, id] of await store.resolveKeys(tx, workspaceId, [...keys]))
      events.set(key, id);
  };
  const [own] = await Promise.all([store.findTargets(tx, workspaceId, roots), resolve(before)]);
  const wanted = new Set([
    ...own.map((row) => row.id),
    ...before.flatMap((row) => [namedBy(row) ?? [], row.reverses_id ?? []].flat()),
  ]);
  const locked = await store.lockTargets(tx, workspaceId, [...wanted].sort());
  const ids = locked.map((row) => row.id);
  const [found, theirs] = await Promise.all([
    store.findReversals(tx, workspaceId, roots, arrived),
    store.findReversalsOf(tx, workspaceId, ids),
  ]);
  const rows = [...new Map([...found, ...theirs].map((row) => [row.id, row])).values()];
  await resolve(rows.filter(({ reverses_key: key }) => key !== null && !events.has(key)));
  return {
    rows,
    targets: new Map(locked.map((row) => [row.id, row])),
    namedBy,
  };
}
