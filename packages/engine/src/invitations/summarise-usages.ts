import type { Context } from '../context.ts';
import { refuse, ok } from '../kernel/result.ts';
import type { InvalidQuery } from '../kernel/page.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { invitationNotFound } from './change-invitation.ts';
import type { InvitationNotFound } from './change-invitation.ts';
import type { EntityInput } from './entity.ts';
import type { InvitationReference } from './get-invitation.ts';
import { findUsedInvitation, readUsageQuery } from './list-usages.ts';
import type { UsageQuery } from './list-usages.ts';
import { actionsOf } from './usage-rules.ts';
import { countByAction, countByField, countUsages, findUsage } from './usage-store.ts';
import type { UsageFilter } from './usage-store.ts';
import { funnelSteps, readBreakdownField } from './usage.ts';
import type { FunnelStep } from './usage.ts';

type SummaryRefusal = InvalidQuery | InvitationNotFound;

/** Whether an entity has used an invitation at all, or has done one thing with it. Who is not known has not. */
export async function wasUsedBy(
  context: Context,
  workspace: Workspace,
  reference: InvitationReference,
  entity: EntityInput,
  action?: string,
): Promise<boolean> {
  const query = await openQuery(context, workspace, reference, { entity, action });
  if (!query.ok) return false;
  const { id, filter } = query.value;
  return (await findUsage(context.database.db, workspace.id, id, filter)) !== undefined;
}

/** How many usages an invitation has. */
export async function countInvitationUsages(
  context: Context,
  workspace: Workspace,
  reference: InvitationReference,
  input: UsageQuery = {},
): Promise<Result<number, SummaryRefusal>> {
  const query = await openQuery(context, workspace, reference, input);
  if (!query.ok) return query;
  const { id, filter } = query.value;
  return ok(await countUsages(context.database.db, workspace.id, id, filter));
}

export interface FunnelInput extends Omit<UsageQuery, 'action'> {
  /** In their order. @default the actions of the workspace, in the order in which they stand there */
  readonly actions?: readonly string[] | undefined;
  /** Whether an entity counts once for each action, or as often as it was there. @default 'usages' */
  readonly count?: 'usages' | 'entities' | undefined;
}

export interface Funnel {
  readonly steps: readonly FunnelStep[];
}

/** How many went from each action to the next. */
export async function usageFunnel(
  context: Context,
  workspace: Workspace,
  reference: InvitationReference,
  input: FunnelInput = {},
): Promise<Result<Funnel, SummaryRefusal>> {
  const { actions = Object.keys(actionsOf(context, workspace)), count = 'usages', ...rest } = input;
  if (!Array.isArray(actions) || actions.length === 0 || actions.length > 20)
    return invalid('actions', 'must be a list of 1 to 20');
  if (count !== 'usages' && count !== 'entities')
    return invalid('count', 'must be one of usages, entities');
  const query = await openQuery(context, workspace, reference, rest);
  if (!query.ok) return query;
  const { id, filter } = query.value;
  const counts = await countByAction(context.database.db, workspace.id, id, filter);
  return ok({
    steps: funnelSteps(
      (actions as readonly string[]).map((action) => ({
        action,
        count: counts.get(action)?.[count] ?? 0,
      })),
    ),
  });
}

export interface BreakdownInput extends UsageQuery {
  /** `entityType`, `action`, or a value of the metadata: `metadata.plan`. */
  readonly by: string;
  /** How many values, the most frequent first. @default 100, which is the most */
  readonly limit?: number | undefined;
}

const valuesMax = 100;

/** How often each type of entity, each action or each value of the metadata occurs. */
export async function usageBreakdown(
  context: Context,
  workspace: Workspace,
  reference: InvitationReference,
  input: BreakdownInput,
): Promise<Result<Readonly<Record<string, number>>, SummaryRefusal>> {
  const field = readBreakdownField(input.by);
  if (field === undefined) return invalid('by', 'must be entityType, action or metadata.<name>');
  const { limit = valuesMax } = input;
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > valuesMax)
    return invalid('limit', `must be 1 to ${valuesMax}`);
  const query = await openQuery(context, workspace, reference, input);
  if (!query.ok) return query;
  const { id, filter } = query.value;
  const rows = await countByField(context.database.db, workspace.id, id, {
    ...filter,
    field,
    limit,
  });
  return ok(Object.fromEntries(rows.map(({ value, count }) => [value, count])));
}

async function openQuery(
  context: Context,
  workspace: Workspace,
  reference: InvitationReference,
  input: UsageQuery,
): Promise<Result<{ readonly id: string; readonly filter: UsageFilter }, SummaryRefusal>> {
  const errors: Record<string, string[]> = {};
  const filter = readUsageQuery(context, workspace, input, errors);
  const [problem] = Object.entries(errors);
  if (problem !== undefined)
    return refuse('invalid_query', `${problem[0]} ${problem[1][0]}.`, errors);
  const id = await findUsedInvitation(context, workspace, reference);
  return id === undefined ? invitationNotFound() : ok({ id, filter });
}

function invalid(field: string, problem: string): InvalidQuery {
  return refuse('invalid_query', `${field} ${problem}.`, { [field]: [problem] });
}
