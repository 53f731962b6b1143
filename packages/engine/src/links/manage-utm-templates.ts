import { changedFields, givenFields } from '../audit/audit-entry.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { errorCode, uniqueViolation } from '../store/connection.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { nameProblem } from './folder.ts';
import { withSavepoint } from './link-store.ts';
import {
  clearDefaultTemplate,
  deleteUtmTemplate,
  findUtmTemplate,
  selectUtmTemplates,
  upsertUtmTemplate,
} from './utm-template-store.ts';
import { utmFields } from './utm-template.ts';
import type { UtmTemplate, UtmValues } from './utm-template.ts';

export type UtmTemplateInput = Partial<UtmValues> & {
  readonly name?: string | undefined;
  readonly isDefault?: boolean | undefined;
};

export type UtmTemplateNotFound = Refusal & { readonly code: 'utm_template_not_found' };
export type SaveUtmTemplateRefusal =
  | ValidationRefusal
  | UtmTemplateNotFound
  | (Refusal & { readonly code: 'utm_template_name_taken' });

const valueLengthMax = 255;

/** In the order of their names. */
export function listUtmTemplates(
  context: Context,
  workspace: Workspace,
): Promise<readonly UtmTemplate[]> {
  return selectUtmTemplates(context.database.db, workspace.id);
}

export async function createUtmTemplate(
  context: Context,
  workspace: Workspace,
  input: UtmTemplateInput & { readonly name: string },
  options?: WriteOptions,
): Promise<Result<UtmTemplate, SaveUtmTemplateRefusal>> {
  const now = context.clock.now();
  const at = new Date(now);
  const empty: UtmTemplate = {
    id: context.createId(now),
    name: '',
    utmSource: null,
    utmMedium: null,
    utmCampaign: null,
    utmContent: null,
    utmTerm: null,
    isDefault: false,
    createdAt: at,
    updatedAt: at,
  };
  return inTransaction(context.database, options, (tx) =>
    save(context, tx, workspace, { before: empty, input, action: 'utm_template.created' }),
  );
}

/** What is absent stays, `null` clears. Links that were made with it stay as they are. */
export async function updateUtmTemplate(
  context: Context,
  workspace: Workspace,
  id: string,
  input: UtmTemplateInput,
  options?: WriteOptions,
): Promise<Result<UtmTemplate, SaveUtmTemplateRefusal>> {
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<UtmTemplate, SaveUtmTemplateRefusal>> => {
      const before = isUuid(id) ? await findUtmTemplate(tx, workspace.id, id) : undefined;
      if (before === undefined) return templateNotFound();
      return save(context, tx, workspace, { before, input, action: 'utm_template.updated' });
    },
  );
}

export async function removeUtmTemplate(
  context: Context,
  workspace: Workspace,
  id: string,
  options?: WriteOptions,
): Promise<Result<UtmTemplate, UtmTemplateNotFound>> {
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<UtmTemplate, UtmTemplateNotFound>> => {
      const removed = isUuid(id) ? await deleteUtmTemplate(tx, workspace.id, id) : undefined;
      if (removed === undefined) return templateNotFound();
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'utm_template.deleted',
        subject: { type: 'utm_template', id },
      });
      return ok(removed);
    },
  );
}

async function save(
  context: Context,
  tx: Tx,
  workspace: Workspace,
  {
    before,
    input,
    action,
  }: {
    readonly before: UtmTemplate;
    readonly input: UtmTemplateInput;
    readonly action: 'utm_template.created' | 'utm_template.updated';
  },
): Promise<Result<UtmTemplate, SaveUtmTemplateRefusal>> {
  const given = Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== undefined),
  ) as UtmTemplateInput;
  const updatedAt = new Date(context.clock.now());
  const template = { ...before, ...given, updatedAt } as UtmTemplate;
  const errors: Record<string, string[]> = {};
  const problem = nameProblem(template.name);
  if (problem !== undefined) errors['name'] = [problem];
  for (const field of utmFields) {
    const value: unknown = template[field];
    if (value !== null && (typeof value !== 'string' || value === ''))
      errors[field] = ['must be a text that is not empty; null clears it'];
    else if (typeof value === 'string' && value.length > valueLengthMax)
      errors[field] = [`must have at most ${valueLengthMax} characters`];
  }
  if (Object.keys(errors).length > 0) return refuseFields(errors);
  if (template.isDefault && !before.isDefault) await clearDefaultTemplate(tx, workspace.id);
  try {
    await withSavepoint(tx, () => upsertUtmTemplate(tx, workspace.id, template));
  } catch (error) {
    if (errorCode(error) !== uniqueViolation) throw error;
    return refuse('utm_template_name_taken', `There is a template "${template.name}" already.`, {
      name: ['is taken'],
    });
  }
  await recordAudit(context, tx, {
    workspaceId: workspace.id,
    action,
    subject: { type: 'utm_template', id: template.id },
    changes:
      action === 'utm_template.created'
        ? givenFields(told(template))
        : changedFields(told(before), told(template)),
  });
  return ok(template);
}

function told({ id: _id, createdAt: _made, updatedAt: _changed, ...fields }: UtmTemplate) {
  return fields;
}

function templateNotFound(): UtmTemplateNotFound {
  return refuse('utm_template_not_found', 'Template not found.');
}
