import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField, refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { checkDefinition } from './check-definition.ts';
import type { CheckedDefinition, FunnelDefinition } from './funnel.ts';
import { funnelNotFound, getFunnel } from './get-funnel.ts';
import type { FunnelNotFound } from './get-funnel.ts';
import { checkVisitFilters } from './visit-dimension.ts';
import type { VisitFilter } from './visit-dimension.ts';

/** What a report is asked of: a stored funnel, archived or not, or a definition; with the filters of the question. */
export async function readFunnel(
  context: Context,
  workspace: Workspace,
  funnel: string | FunnelDefinition,
  filters: readonly VisitFilter[] = [],
): Promise<Result<CheckedDefinition, ValidationRefusal | FunnelNotFound>> {
  const problems = checkVisitFilters(filters, 'filters');
  if (Object.keys(problems).length > 0) return refuseFields(problems);
  if (typeof funnel === 'string') {
    const stored = await getFunnel(context, workspace, funnel);
    if (stored === undefined) return funnelNotFound();
    return ok({ ...stored, filters: [...stored.filters, ...filters] });
  }
  if (typeof funnel !== 'object' || funnel === null)
    return refuseField('funnel', 'must be the id of a funnel or a definition');
  const checked = checkDefinition(funnel);
  if (!checked.ok) return refuseFields(checked.errors);
  return ok({ ...checked.value, filters: [...checked.value.filters, ...filters] });
}
