import type { DemoState, SignInDb } from '../auth/sign-in-tables.ts';

/** The simulated workspace of this server, as all of its processes see it. */
export interface DemoRecord {
  readonly state: DemoState;
  /** Known once it is ready. */
  readonly workspaceId: string | undefined;
  readonly visitsDone: number;
  readonly visitsAll: number;
}

/** The record, with when whoever makes it was last heard of. */
export async function findDemo(
  db: SignInDb,
): Promise<(DemoRecord & { readonly seenAt: Date }) | undefined> {
  const row = await db.selectFrom('demo_workspace').selectAll().executeTakeFirst();
  return (
    row && {
      state: row.state,
      workspaceId: row.workspace_id ?? undefined,
      visitsDone: row.visits_done,
      visitsAll: row.visits_all,
      seenAt: row.seen_at,
    }
  );
}

/**
 * Takes the making on, unless it is done or somebody was at it after `deadBefore`; answers whether it was taken. Without
 * `deadBefore` it is taken from whoever has it.
 */
export async function takeDemo(
  db: SignInDb,
  run: { readonly id: string; readonly at: Date; readonly deadBefore?: Date },
): Promise<boolean> {
  const fresh = {
    run_id: run.id,
    workspace_id: null,
    state: 'making',
    visits_done: 0,
    visits_all: 0,
    seen_at: run.at,
  } as const;
  const { deadBefore } = run;
  const row = await db
    .insertInto('demo_workspace')
    .values({ single: true, ...fresh })
    .onConflict((conflict) =>
      conflict
        .column('single')
        .doUpdateSet(fresh)
        .where(({ or, and, eb, lit }) =>
          deadBefore === undefined
            ? lit(true)
            : or([
                eb('demo_workspace.state', '=', 'failed'),
                and([
                  eb('demo_workspace.state', '=', 'making'),
                  eb('demo_workspace.seen_at', '<', deadBefore),
                ]),
              ]),
        ),
    )
    .returning('run_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Writes down how a run stands; `false` where it is nobody's any more. */
export async function noteDemo(
  db: SignInDb,
  runId: string,
  changes: Partial<DemoRecord> & { readonly at: Date },
): Promise<boolean> {
  const { at, state, workspaceId, visitsDone, visitsAll } = changes;
  const row = await db
    .updateTable('demo_workspace')
    .set({
      seen_at: at,
      ...(state !== undefined && { state }),
      ...(workspaceId !== undefined && { workspace_id: workspaceId }),
      ...(visitsDone !== undefined && { visits_done: visitsDone }),
      ...(visitsAll !== undefined && { visits_all: visitsAll }),
    })
    .where('run_id', '=', runId)
    .where('state', '=', 'making')
    .returning('run_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Deletes the record, if it is still the run's. */
export async function deleteDemo(db: SignInDb, runId: string): Promise<void> {
  await db.deleteFrom('demo_workspace').where('run_id', '=', runId).execute();
}
