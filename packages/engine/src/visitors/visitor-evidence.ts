import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { open } from '../security/keyring.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findMembers, findRoot } from './person-store.ts';

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
  readonly merges: readonly MergeEvidence[];
  readonly refusals: ReadonlyArray<{
    readonly reason: string;
    readonly visitorId: string;
    readonly otherVisitorId: string;
    readonly eventId: string;
    readonly occurredAt: Date;
  }>;
}

/** Why these identifiers are one person: what each visitor is known by, and the event behind every merge. */
export async function visitorEvidence(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<VisitorEvidence | undefined> {
  const { db } = context.database;
  const root = isUuid(id) ? await findRoot(db, workspace.id, id) : undefined;
  if (root === undefined) return undefined;
  const members = (await findMembers(db, workspace.id, [root])).get(root) ?? [];
  const [identities, merges, refusals] = await Promise.all([
    db
      .selectFrom('identity')
      .selectAll()
      .where('workspace_id', '=', workspace.id)
      .where('visitor_id', 'in', members)
      .orderBy('first_seen_at')
      .execute(),
    db
      .selectFrom('merge')
      .selectAll()
      .where('workspace_id', '=', workspace.id)
      .where((eb) => eb.or([eb('winner_id', 'in', members), eb('loser_id', 'in', members)]))
      .orderBy('id')
      .execute(),
    db
      .selectFrom('merge_refusal')
      .selectAll()
      .where('workspace_id', '=', workspace.id)
      .where((eb) =>
        eb.or([eb('visitor_id', 'in', members), eb('other_visitor_id', 'in', members)]),
      )
      .orderBy('id')
      .execute(),
  ]);
  return {
    identifiers: identities.map((row) => ({
      kind: row.kind,
      value: row.value === null ? undefined : open(workspace.dataKey, row.value).toString('utf8'),
      visitorId: row.visitor_id,
      firstSeenAt: row.first_seen_at,
      eventId: row.event_id,
    })),
    merges: merges.map((row) => ({
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
    refusals: refusals.map((row) => ({
      reason: row.reason,
      visitorId: row.visitor_id,
      otherVisitorId: row.other_visitor_id,
      eventId: row.event_id,
      occurredAt: row.occurred_at,
    })),
  };
}
