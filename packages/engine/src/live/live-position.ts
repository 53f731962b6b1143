/**
 * A place in the live messages of a workspace, the same for every process. Transactions do not commit in the order in
 * which they begin, so a place is no number but a snapshot of PostgreSQL: what it sees has been told.
 */
export interface LivePosition {
  readonly seen: string;
  /** A reading that is not over: the snapshot it goes up to, and the message that was told last. */
  readonly reading?: { readonly until: string; readonly last: LiveMark };
}

/** A message within a reading, in the order in which a reading tells them. */
export interface LiveMark {
  readonly transactionId: string;
  readonly eventId: string;
  /** Which of the messages of one event. */
  readonly part: number;
}

/** Of what a client sends. */
const sentLengthMax = 8_000;
const idMax = 2n ** 63n - 1n;
const separator = '~';

/** As `Last-Event-ID` carries it. */
export function formatLivePosition({ seen, reading }: LivePosition): string {
  if (reading === undefined) return seen;
  const { transactionId, eventId, part } = reading.last;
  return [seen, reading.until, transactionId, eventId, part].join(separator);
}

/** `undefined` for what no stream of ours has said. */
export function parseLivePosition(
  text: string,
  lengthMax = sentLengthMax,
): LivePosition | undefined {
  if (text.length > lengthMax) return undefined;
  const [seen, until, transactionId, eventId, part, ...more] = text.split(separator);
  if (seen === undefined || !isSnapshot(seen)) return undefined;
  if (until === undefined) return { seen };
  if (
    more.length > 0 ||
    !isSnapshot(until) ||
    !isTransactionId(transactionId) ||
    !/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(eventId ?? '') ||
    !/^[01]$/.test(part ?? '')
  )
    return undefined;
  return {
    seen,
    reading: { until, last: { transactionId, eventId: eventId!, part: Number(part) } },
  };
}

/** The first transaction that the snapshot may not see. */
export function oldestUnseen(snapshot: string): string {
  return snapshot.slice(0, snapshot.indexOf(':'));
}

/** The first transaction that had not begun when the snapshot was taken. */
export function firstToCome(snapshot: string): string {
  return snapshot.split(':')[1]!;
}

/** `xmin:xmax:xip,…` (PostgreSQL, "pg_snapshot components"): ascending, from xmin and below xmax. */
function isSnapshot(text: string): boolean {
  const match = /^(\d+):(\d+):(\d+(?:,\d+)*)?$/.exec(text);
  if (match === null || !isTransactionId(match[1]) || !isTransactionId(match[2])) return false;
  const [oldest, next] = [BigInt(match[1]), BigInt(match[2])];
  const open = (match[3]?.split(',') ?? []).map(BigInt);
  return (
    oldest <= next &&
    open.every((id, index) => id >= oldest && id < next && (index === 0 || id > open[index - 1]!))
  );
}

function isTransactionId(text: string | undefined): text is string {
  if (text === undefined || !/^[1-9]\d{0,18}$/.test(text)) return false;
  return BigInt(text) <= idMax;
}
