import { changedFields } from '../audit/audit-entry.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { stampGate } from '../gate/gate.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { insertChange } from '../store/change-log.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import { checkWorkspace, openWorkspace, slugTaken } from './create-workspace.ts';
import type { SlugTaken } from './create-workspace.ts';
import type { Workspace, WorkspaceSettings } from './workspace.ts';
import { findWorkspaceBySlug, lockWorkspace, updateWorkspaceRow } from './workspace-store.ts';
import type { StoredWorkspace } from './workspace-store.ts';

export interface UpdateWorkspaceInput {
  readonly name?: string | undefined;
  readonly slug?: string | undefined;
  readonly currency?: string | undefined;
  readonly timezone?: string | undefined;
  /** Merged by key; `null` brings the default back. */
  readonly settings?:
    | { readonly [Key in keyof WorkspaceSettings]?: WorkspaceSettings[Key] | null }
    | undefined;
}

export type UpdateWorkspaceRefusal =
  | ValidationRefusal
  | SlugTaken
  | (Refusal & { readonly code: 'workspace_not_found' });

export async function updateWorkspace(
  context: Context,
  workspace: Pick<Workspace, 'id'>,
  input: UpdateWorkspaceInput,
  options?: WriteOptions,
): Promise<Result<Workspace, UpdateWorkspaceRefusal>> {
  const result = await inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<Workspace, UpdateWorkspaceRefusal>> => {
      const stored = await lockWorkspace(tx, workspace.id);
      if (stored === undefined) return refuse('workspace_not_found', 'Workspace not found');
      const at = new Date(context.clock.now());
      const changed = {
        ...stored,
        name: input.name?.trim() ?? stored.name,
        slug: input.slug ?? stored.slug,
        currency: input.currency ?? stored.currency,
        timezone: input.timezone ?? stored.timezone,
        settings: stampGate(stored, mergeSettings(stored.settings, input.settings ?? {}), at),
        updatedAt: at,
      };
      const invalid = checkWorkspace(changed);
      if (invalid !== undefined) return invalid;
      if (
        changed.slug !== stored.slug &&
        (await findWorkspaceBySlug(tx, changed.slug)) !== undefined
      ) {
        return slugTaken(changed.slug);
      }
      await updateWorkspaceRow(tx, changed);
      const { id } = workspace;
      await insertChange(tx, {
        workspaceId: id,
        id: context.createId(at.getTime()),
        topic: 'workspace',
        subject: { id },
        at,
      });
      await recordAudit(context, tx, {
        workspaceId: id,
        action: 'workspace.updated',
        subject: { type: 'workspace', id: id },
        changes: changesOf(stored, changed),
      });
      return ok(openWorkspace(context, changed));
    },
  );
  context.workspaces.forget(workspace.id);
  return result;
}

/** Settings by their own names: which of them changed, not that some did. */
function changesOf(before: StoredWorkspace, after: StoredWorkspace) {
  const fields = ({ name, slug, currency, timezone, settings }: StoredWorkspace) => ({
    name,
    slug,
    currency,
    timezone,
    ...Object.fromEntries(
      Object.entries(settings).map(([setting, value]) => [`settings.${setting}`, value]),
    ),
  });
  return changedFields(fields(before), fields(after));
}

function mergeSettings(
  settings: WorkspaceSettings,
  changes: NonNullable<UpdateWorkspaceInput['settings']>,
): WorkspaceSettings {
  const merged = Object.entries({ ...settings, ...changes }).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  return Object.fromEntries(merged);
}
