import type { Context } from '../context.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { ActivityBlock } from './activity-block.ts';
import type { ActivityNeeds, Reading } from './activity-store.ts';
import { inOneState } from './one-state-store.ts';
import type { IdNumbers } from './number-set.ts';
import type { ReportWindow } from './report-window.ts';
import { walkActivity } from './walk-activity.ts';

/** What a report reads with. */
export interface Report extends Reading {
  /** By which people are numbered. */
  readonly people: IdNumbers;
  walk(
    window: ReportWindow,
    needs: ActivityNeeds,
    edges?: readonly number[],
  ): AsyncGenerator<ActivityBlock>;
}

/**
 * Lets a report see one state of the database, however many statements it is made of. Inside a transaction of the host
 * it sees what that sees; on the embedded database, whose only connection would be held, each statement sees its own.
 */
export function inReport<T>(
  { database, activityHours }: Pick<Context, 'database' | 'activityHours'>,
  workspace: Workspace,
  work: (report: Report) => Promise<T>,
): Promise<T> {
  const open = (reading: Reading): Report => ({
    ...reading,
    people: activityHours.people(),
    walk: (window, needs, edges) => walkActivity(reading, activityHours, window, needs, edges),
  });
  const reading = { db: database.db, schema: database.schema, workspaceId: workspace.id };
  if (database.size === 'embedded' || database.db.isTransaction) return work(open(reading));
  return inOneState(database, (db) => work(open({ ...reading, db, known: {} })));
}
