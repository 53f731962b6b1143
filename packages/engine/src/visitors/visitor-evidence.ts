import type { Context } from '../context.ts';
import { cutPage, readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { open } from '../security/keyring.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { visitorNotFound } from './identify-visitor.ts';
import type { VisitorNotFound } from './identify-visitor.ts';
import { findIdentities, findMergeRefusals, findMerges } from './merge-store.ts';
import { findPerson } from './person-store.ts';

export interface IdentifierEvidence {
  readonly kind: string;
  /** Only of kinds that the API shows. */
  readonly value: string | undefined;
  readonly visitorId: string;
  readonly firstSeenAt: Date;
  readonly eventId: string;
}

export interface MergeEvidence {
  readonly id: string;
  readonly winnerId: string;
  readonly loserId: string;
  /** The event that named both sides, and how. */
  readonly eventId: string;
  readonly reason: string;
  readonly actor: string | undefined;
  readonly occurredAt: Date;
  readonly recordedAt: Date;
  readonly undoneAt: Date | undefined;
}

export interface VisitorEvidence {
  readonly identifiers: readonly IdentifierEvidence[];
  /** Leads to the merges and refusals before these; absent where these are the first. */
  readonly nextCursor: string | undefined;
  /** Oldest first, as the refusals. */
  readonly merges: readonly MergeEvidence[];
  readonly refusals: ReadonlyArray<{
    readonly reason: string;
    readonly visitorId: string;
    readonly otherVisitorId: string;
    readonly eventId: string;
    readonly occurredAt: Date;
  }>;
}

/**
 * Why these identifiers are one person: what each visitor is known by, and the event behind every merge. Merges and
 * refusals come in pages of 100, the latest ones first.
 */
export async function visitorEvidence(
  context: Context,
  workspace: Workspace,
  id: string,
  input: Omit<PageInput, 'offset'> = {},
): Promise<Result<VisitorEvidence, InvalidQuery | VisitorNotFound>> {
  const page = readPage(input, 100, readIdCursor);
  if (!page.ok) return page;
  const { db } = context.database;
  const person = await findPerson(db, workspace.id, id);
  if (person === undefined) return visitorNotFound();
  const { limit, before } = page.value;
  const range = { before, limit: limit + 1 };
  const [identities, merges, refusals] = await Promise.all([
    findIdentities(db, workspace.id, person.members),
    findMerges(db, workspace.id, person.members, range),
    findMergeRefusals(db, workspace.id, person.members, range),
  ]);
  // One page of both: their ids tell when they were made.
  const ids = [...merges, ...refusals]
    .map((row) => row.id)
    .sort((left, right) => (left < right ? 1 : -1));
  const { rows, nextCursor } = cutPage(ids, limit, (last) => last);
  const shown = new Set(rows);
  return ok({
    identifiers: identities.map((row) => ({
      kind: row.kind,
      value: row.value === null ? undefined : open(workspace.dataKey, row.value).toString('utf8'),
      visitorId: row.visitor_id,
      firstSeenAt: row.first_seen_at,
      eventId: row.event_id,
    })),
    merges: merges
      .filter((row) => shown.has(row.id))
      .toReversed()
      .map((row) => ({
        id: row.id,
        winnerId: row.winner_id,
        loserId: row.loser_id,
        eventId: row.event_id,
        reason: row.reason,
        actor: row.actor ?? undefined,
        occurredAt: row.occurred_at,
        recordedAt: row.recorded_at,
        undoneAt: row.undone_at ?? undefined,
      })),
    refusals: refusals
      .filter((row) => shown.has(row.id))
      .toReversed()
      .map((row) => ({
        reason: row.reason,
        visitorId: row.visitor_id,
        otherVisitorId: row.other_visitor_id,
        eventId: row.event_id,
        occurredAt: row.occurred_at,
      })),
    nextCursor,
  });
}
