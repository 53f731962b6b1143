import type { Context } from '../context.ts';
import { recreditPeople } from '../attribution/recredit-people.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { timestamp } from '../store/batch-insert.ts';
import { quote } from '../store/migrate.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { getVisitor } from './get-visitor.ts';
import type { Visitor } from './visitor.ts';
import { createVisitorStore } from './visitor-store.ts';

export type UndoMergeRefusal = Refusal & {
  readonly code: 'merge_not_found' | 'merge_already_undone' | 'undo_later_merge_first';
};

export interface UndoneMerge {
  readonly winner: Visitor | undefined;
  readonly loser: Visitor | undefined;
}

export interface UndoMergeOptions {
  /** Who takes it back: noted with the merge. */
  readonly actor?: string;
  /** When this undo was first asked for: one that was done since then is this one. @default now */
  readonly askedAt?: Date;
}

interface StoredMerge {
  readonly id: string;
  readonly winner_id: string;
  readonly loser_id: string;
  readonly undone_at: Date | null;
}

/**
 * Takes a merge back, exactly: the visitors whose pointer it moved point at their old root again, credit and the
 * counters of links follow, and the same evidence does not join the two again. A later merge that moved them
 * further has to be undone first; the refusal says so.
 */
export async function undoMerge(
  context: Context,
  workspace: Workspace,
  mergeId: string,
  options: UndoMergeOptions = {},
): Promise<Result<UndoneMerge, UndoMergeRefusal>> {
  const unknown = refuse('merge_not_found', 'There is no such merge.');
  if (!isUuid(mergeId)) return unknown;
  const { database } = context;
  const visitors = createVisitorStore(database.schema);
  const statements = statementsFor(database.schema);
  const now = context.clock.now();

  const result = await database.transact(
    async (tx): Promise<Result<StoredMerge, UndoMergeRefusal>> => {
      const [found] = await tx.run<StoredMerge>(statements.find, [workspace.id, mergeId]);
      if (found === undefined) return unknown;
      const moved = await tx.run<{ visitor_id: string }>(statements.members, [
        workspace.id,
        mergeId,
      ]);
      const memberIds = moved.map((row) => row.visitor_id);
      const rows = await visitors.lockVisitors(tx, workspace.id, [found.winner_id, ...memberIds]);
      // Read again under the lock: two undos of one merge must not both go through.
      const [merge] = await tx.run<StoredMerge>(statements.find, [workspace.id, mergeId]);
      if (merge === undefined) return unknown;
      if (merge.undone_at !== null) {
        return options.askedAt !== undefined && merge.undone_at >= options.askedAt
          ? ok(merge)
          : refuse('merge_already_undone', 'The merge was undone before.');
      }
      if (rows.some((row) => row.root_id !== merge.winner_id)) {
        return refuse(
          'undo_later_merge_first',
          'A later merge moved these visitors on; undo that one first.',
        );
      }
      const roots = [merge.winner_id, merge.loser_id];
      await visitors.pointVisitors(
        tx,
        workspace.id,
        memberIds.map((id) => [id, merge.loser_id] as const),
      );
      await visitors.bumpVersions(tx, workspace.id, roots);
      await tx.run(statements.newestConversion, [workspace.id, roots]);
      await tx.run(statements.keepApart, [
        workspace.id,
        merge.loser_id,
        merge.winner_id,
        merge.id,
        timestamp(now),
      ]);
      await tx.run(statements.markUndone, [
        workspace.id,
        merge.id,
        timestamp(now),
        options.actor ?? null,
      ]);
      await recreditPeople(tx, database.schema, workspace.id, roots);
      return ok(merge);
    },
  );
  if (!result.ok) return result;
  return {
    ok: true,
    value: {
      winner: await getVisitor(context, workspace, result.value.winner_id),
      loser: await getVisitor(context, workspace, result.value.loser_id),
    },
  };
}

function statementsFor(schemaName: string) {
  const schema = quote(schemaName);
  const named = (name: string, text: string) => ({ name: `${schemaName}.undo_${name}`, text });
  return {
    find: named(
      'find',
      `select id, winner_id, loser_id, undone_at from ${schema}.merge where workspace_id = $1 and id = $2`,
    ),
    members: named(
      'members',
      `select visitor_id from ${schema}.merge_member where workspace_id = $1 and merge_id = $2`,
    ),
    newestConversion: named(
      'newest_conversion',
      `
update ${schema}.visitor r set revision = r.revision + 1, last_conversion_at = (
  select max(c.occurred_at) from ${schema}.visitor v
  join ${schema}.conversion c on c.workspace_id = v.workspace_id and c.visitor_id = v.id
    and c.type not in ('refund', 'removal')
  where v.workspace_id = $1 and (v.id = r.id or v.root_id = r.id))
where r.workspace_id = $1 and r.id = any($2::uuid[])`,
    ),
    // The two roots, and what the merge's event named on both sides: whatever becomes of the roots, the same evidence
    // does not join these again.
    keepApart: named(
      'keep_apart',
      `
with side as (
  select v.id, v.root_id from ${schema}.merge m
  join ${schema}.identity_evidence e on e.workspace_id = m.workspace_id and e.event_id = m.event_id
  join ${schema}.visitor v on v.workspace_id = m.workspace_id and v.id = any(e.visitor_ids)
  where m.workspace_id = $1 and m.id = $4 and v.root_id in ($2, $3)
)
insert into ${schema}.kept_apart (workspace_id, visitor_id, other_visitor_id, merge_id, created_at)
select $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::timestamptz
union
select $1, l.id, w.id, $4, $5 from side l join side w on l.root_id = $2 and w.root_id = $3
on conflict do nothing`,
    ),
    markUndone: named(
      'mark',
      `update ${schema}.merge set undone_at = $3, undone_by = $4, transaction_id = pg_current_xact_id()::text::bigint where workspace_id = $1 and id = $2`,
    ),
  };
}
