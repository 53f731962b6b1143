import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { FieldErrors, ValidationRefusal } from '../kernel/validation.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { checkDefinition } from './check-definition.ts';
import { isText } from './check-step-filter.ts';
import { insertFunnel } from './funnel-store.ts';
import { funnelLimits } from './funnel.ts';
import type { CheckedDefinition, Funnel, FunnelDefinition } from './funnel.ts';

export interface FunnelInput extends FunnelDefinition {
  /** Unique among the live funnels of the workspace. */
  readonly name: string;
  readonly description?: string | null | undefined;
}

export type CreateFunnelRefusal =
  | ValidationRefusal
  | (Refusal & { readonly code: 'funnel_name_taken' });

/**
 * Stores a funnel, to be asked for its report any time.
 * @example
 * const funnel = await createFunnel(context, workspace, {
 *   name: 'Sign-up',
 *   steps: [
 *     { filters: [{ kind: 'url', value: '/pricing' }] },
 *     { filters: [{ kind: 'event', type: 'registration' }] },
 *   ],
 * });
 */
export async function createFunnel(
  context: Context,
  workspace: Workspace,
  input: FunnelInput,
  options?: WriteOptions,
): Promise<Result<Funnel, CreateFunnelRefusal>> {
  const checked = checkFunnel(input);
  if (!checked.ok) return refuseFields(checked.errors);
  const now = context.clock.now();
  const funnel: Funnel = {
    ...checked.value,
    workspaceId: workspace.id,
    id: context.createId(now),
    archivedAt: null,
    createdAt: new Date(now),
    updatedAt: new Date(now),
  };
  return inTransaction(context.database, options, async (tx) => {
    if (!(await insertFunnel(tx, funnel))) return funnelNameTaken();
    await recordAudit(context, tx, {
      workspaceId: workspace.id,
      action: 'funnel.created',
      subject: { type: 'funnel', id: funnel.id },
    });
    return ok(funnel);
  });
}

/** The fields that somebody decides on, or what is wrong with them. */
export function checkFunnel(input: FunnelInput):
  | {
      readonly ok: true;
      readonly value: CheckedDefinition & Pick<Funnel, 'name' | 'description'>;
    }
  | { readonly ok: false; readonly errors: FieldErrors } {
  const { name, description } = input;
  const { nameLengthMax, descriptionLengthMax } = funnelLimits;
  const errors: Record<string, readonly string[]> = {};
  if (!isText(name, nameLengthMax) || name.trim() === '')
    errors['name'] = [`must have 1 to ${nameLengthMax} characters`];
  if (description != null && description !== '' && !isText(description, descriptionLengthMax))
    errors['description'] = [`must have at most ${descriptionLengthMax} characters`];
  const definition = checkDefinition(input);
  if (!definition.ok) return { ok: false, errors: { ...errors, ...definition.errors } };
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  const told = description === '' ? null : (description ?? null);
  return { ok: true, value: { ...definition.value, name: name.trim(), description: told } };
}

export function funnelNameTaken() {
  return refuse('funnel_name_taken', 'Another funnel has this name.', { name: ['is taken'] });
}
