import { createRecentMap } from '../kernel/recent-map.ts';
import type { VisitorDelta, VisitorState } from '../visitors/visitor-store.ts';

/** What the process remembers of a visitor. */
export interface PersonHint {
  readonly root: string;
  /** Who uses this device now: itself, or another visitor where the device is shared. */
  readonly current: string;
  /** Its row as this process last wrote or locked it, where it did. */
  readonly row?: VisitorState;
}

/**
 * Identifiers and visitors that were seen lately. An identifier's visitor never changes (only erasure ends it, which
 * each batch finds), so it can be remembered; roots, current users and rows are hints that each batch checks.
 */
export interface RecognitionMemory {
  visitorOf(workspaceId: string, kind: string, value: string): string | undefined;
  rememberIdentifier(workspaceId: string, kind: string, value: string, visitorId: string): void;
  forgetIdentifier(workspaceId: string, kind: string, value: string): void;
  hintOf(visitorId: string): PersonHint | undefined;
  rememberHint(visitorId: string, hint: PersonHint): void;
  rememberRow(row: VisitorState): void;
  forgetHint(visitorId: string): void;
  /** The row as the next batch will find it; `undefined` where that is not known. */
  rowOf(visitorId: string): VisitorState | undefined;
  /** Batches on their way that made these rows what they are; each tells in the end whether it has committed. */
  writesBehind(rows: Iterable<VisitorState>): readonly Promise<boolean>[];
  /** A batch is on its way that writes these visitors; what is returned is called when it is over. */
  beginWrite(visitors: readonly VisitorDelta[]): (hasCommitted: boolean) => void;
  /** From now on a batch waits for the locks of these rows: what it makes of them is not known before it has them. */
  awaitRows(visitorIds: readonly string[]): void;
  rowsArrived(visitorIds: readonly string[]): void;
  /** Whether a pair of link and visitor, `<link> <visitor>`, is known to have clicked before. */
  hasClicked(pair: string): boolean;
  rememberClicks(pairs: readonly string[]): void;
  /** Nothing of these is remembered any more, not what they were recognised by either. Looks through all of it. */
  forgetVisitors(visitorIds: ReadonlySet<string>): void;
  clear(): void;
}

export function createRecognitionMemory(max = 100_000): RecognitionMemory {
  const identifiers = createRecentMap<string>(max);
  const hints = createRecentMap<PersonHint>(max);
  const clicked = createRecentMap<true>(max);
  const awaited = new Map<string, number>();
  /** By revision, which all rows of one batch share. */
  const underWay = new Map<number, Promise<boolean>>();
  const keyOf = (workspaceId: string, kind: string, value: string): string =>
    `${workspaceId}${kind}\0${value}`;
  return {
    visitorOf: (workspaceId, kind, value) => identifiers.get(keyOf(workspaceId, kind, value)),
    rememberIdentifier: (workspaceId, kind, value, visitorId) => {
      identifiers.set(keyOf(workspaceId, kind, value), visitorId);
    },
    forgetIdentifier: (workspaceId, kind, value) => {
      identifiers.delete(keyOf(workspaceId, kind, value));
    },
    hintOf: (visitorId) => hints.get(visitorId),
    rememberHint: (visitorId, hint) => {
      hints.set(visitorId, hint);
    },
    rememberRow: (row) => {
      hints.set(row.id, { root: row.root_id, current: row.current_visitor_id ?? row.id, row });
    },
    forgetHint: (visitorId) => {
      hints.delete(visitorId);
    },
    rowOf: (visitorId) => (awaited.has(visitorId) ? undefined : hints.get(visitorId)?.row),
    writesBehind(rows) {
      const behind = new Set<Promise<boolean>>();
      for (const { revision } of rows) {
        const write = underWay.get(revision);
        if (write !== undefined) behind.add(write);
      }
      return [...behind];
    },
    beginWrite([first]) {
      if (first === undefined) return () => undefined;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      underWay.set(first.revision, promise);
      return (hasCommitted) => {
        underWay.delete(first.revision);
        resolve(hasCommitted);
      };
    },
    awaitRows(visitorIds) {
      for (const id of visitorIds) awaited.set(id, (awaited.get(id) ?? 0) + 1);
    },
    rowsArrived(visitorIds) {
      for (const id of visitorIds) {
        const batches = awaited.get(id) ?? 0;
        if (batches > 1) awaited.set(id, batches - 1);
        else awaited.delete(id);
      }
    },
    hasClicked: (pair) => clicked.get(pair) === true,
    rememberClicks(pairs) {
      for (const pair of pairs) clicked.set(pair, true);
    },
    forgetVisitors(visitorIds) {
      for (const id of visitorIds) hints.delete(id);
      for (const [key, visitorId] of identifiers.entries())
        if (visitorIds.has(visitorId)) identifiers.delete(key);
      for (const [pair] of clicked.entries())
        if (visitorIds.has(pair.slice(pair.indexOf(' ') + 1))) clicked.delete(pair);
    },
    clear() {
      clicked.clear();
      identifiers.clear();
      hints.clear();
    },
  };
}
