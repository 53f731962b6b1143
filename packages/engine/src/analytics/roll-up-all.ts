import type { Context } from '../context.ts';
import { rollUp } from './roll-up.ts';
import type { RollUpReport } from './roll-up.ts';
import { findWorkspaceIds } from './activity-hour-store.ts';

/** Hours of one workspace in one go, so that the others have their turn. */
const hoursMax = 72;

/** Brings the stored hours of every workspace further up to date. */
export async function rollUpAll(
  context: Pick<Context, 'database' | 'clock'>,
): Promise<RollUpReport> {
  let made = 0;
  let goesOn = false;
  for (const workspaceId of await findWorkspaceIds(context.database.db)) {
    const report = await rollUp(context, workspaceId, hoursMax);
    made += report.made;
    goesOn ||= report.goesOn;
  }
  return { made, goesOn };
}
