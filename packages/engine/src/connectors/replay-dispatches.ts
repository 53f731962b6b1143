import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { countDispatches, replayRows } from './dispatch-store.ts';
import { filterErrors, toFilter } from './list-dispatches.ts';
import type { DispatchFilterInput } from './list-dispatches.ts';

export interface ReplayInput extends DispatchFilterInput {
  /** These and no others; at most 1,000. */
  readonly ids?: readonly string[] | undefined;
  /** Only counts what would be sent again. @default false */
  readonly preview?: boolean | undefined;
}

export interface ReplayReport {
  /** How many are due again, or would be. */
  readonly count: number;
  readonly byConnector: Readonly<Record<string, number>>;
  /** More are meant than one call takes: call again until none is left. */
  readonly more: boolean;
}

const idsMax = 1_000;
const replayMax = 10_000;

/**
 * Has conversions sent again, whatever became of them; under the same event ids, so that what a platform has counted it
 * does not count again. Whoever names neither ids nor a filter means what has failed or was skipped.
 */
export async function replayDispatches(
  context: Context,
  workspace: Workspace,
  input: ReplayInput = {},
  options?: WriteOptions,
): Promise<Result<ReplayReport, ValidationRefusal>> {
  const { preview = false } = input;
  const ids: readonly string[] | undefined = input.ids;
  const errors = filterErrors(input);
  if (ids !== undefined && !isIdList(ids))
    errors['ids'] = [`must be a list of at most ${idsMax} UUIDs`];
  if (Object.keys(errors).length > 0) return refuseFields(errors);
  const isNarrow = ids !== undefined || input.status !== undefined || input.eventId !== undefined;
  const filter = {
    ...toFilter(input),
    ids: ids?.map((id) => id.toLowerCase()),
    ...(!isNarrow && { statuses: ['failed', 'skipped'] as const }),
  };
  if (ids?.length === 0) return ok({ count: 0, byConnector: {}, more: false });
  const report = await inTransaction(context.database, options, async (tx) => {
    const rows = await countDispatches(tx, workspace.id, filter);
    const byConnector: Record<string, number> = {};
    for (const { connector, status, count } of rows)
      if (status !== 'sending') byConnector[connector] = (byConnector[connector] ?? 0) + count;
    const meant = Object.values(byConnector).reduce((sum, count) => sum + count, 0);
    if (preview) return { count: meant, byConnector, more: false };
    const at = new Date(context.clock.now());
    const count = await replayRows(tx, workspace.id, filter, { at, limit: replayMax });
    return { count, byConnector, more: meant > count };
  });
  if (!preview && report.count > 0) context.jobs.wake('deliver_conversions');
  return ok(report);
}

/** A host without types may give anything. */
function isIdList(ids: unknown): boolean {
  return Array.isArray(ids) && ids.length <= idsMax && ids.every(isUuid);
}
