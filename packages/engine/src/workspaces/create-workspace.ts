import { randomBytes } from 'node:crypto';

import { checkAttributionSettings } from '../attribution/check-attribution-settings.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { stampGate } from '../gate/gate.ts';
import { isCurrency } from '../kernel/money.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { appSchemeRule, isAppScheme } from '../links/link-url.ts';
import { checkSourceRules } from '../sources/check-source-rules.ts';
import { privacyPresets } from '../privacy/privacy-rules.ts';
import type { Db, WriteOptions } from '../store/database.ts';
import { insertChange } from '../store/change-log.ts';
import { inTransaction } from '../store/transaction.ts';
import { isTimezone, slugFrom, slugPattern } from './workspace.ts';
import type { Workspace, WorkspaceSettings } from './workspace.ts';
import { insertWorkspace } from './workspace-store.ts';
import type { StoredWorkspace } from './workspace-store.ts';

export interface CreateWorkspaceInput {
  readonly name: string;
  /** @default made from the name */
  readonly slug?: string;
  /** @default 'USD' */
  readonly currency?: string;
  /** @default 'UTC' */
  readonly timezone?: string;
  readonly settings?: WorkspaceSettings;
}

export type SlugTaken = Refusal & { readonly code: 'slug_taken' };
export type CreateWorkspaceRefusal = ValidationRefusal | SlugTaken;

/** What creating a workspace needs: the directory does it too, before there is a whole context. */
export type WorkspaceContext = Pick<
  Context,
  'options' | 'database' | 'clock' | 'createId' | 'keyring'
>;

/** Makes a workspace with a data key of its own. */
export function createWorkspace(
  context: WorkspaceContext,
  input: CreateWorkspaceInput,
  options?: WriteOptions,
): Promise<Result<Workspace, CreateWorkspaceRefusal>> {
  return inTransaction(context.database, options, (tx) => addWorkspace(context, tx, input));
}

/** The same on a transaction that has begun. */
export async function addWorkspace(
  context: WorkspaceContext,
  db: Db,
  input: CreateWorkspaceInput,
): Promise<Result<Workspace, CreateWorkspaceRefusal>> {
  const now = context.clock.now();
  const id = context.createId(now);
  const draft = {
    name: input.name.trim(),
    slug: input.slug ?? (slugFrom(input.name) || `workspace-${id.slice(-12)}`),
    currency: input.currency ?? 'USD',
    timezone: input.timezone ?? 'UTC',
  };
  const at = new Date(now);
  const settings = stampGate({ settings: {}, updatedAt: at }, input.settings ?? {}, at);
  const invalid = checkWorkspace({ ...draft, settings });
  if (invalid !== undefined) return invalid;

  const stored = await insertWorkspace(db, {
    id,
    ...draft,
    settings,
    sealedDataKey: context.keyring.encrypt('workspace-key', randomBytes(32)),
    createdAt: at,
    updatedAt: at,
  });
  if (stored === undefined) return slugTaken(draft.slug);
  await insertChange(db, {
    workspaceId: id,
    id: context.createId(now),
    topic: 'workspace',
    subject: { id },
    at,
  });
  await recordAudit(context, db, {
    workspaceId: id,
    action: 'workspace.created',
    subject: { type: 'workspace', id: id },
  });
  return ok(openWorkspace(context, stored));
}

/** The workspace with its data key in clear. */
export function openWorkspace(
  context: Pick<Context, 'keyring'>,
  stored: StoredWorkspace,
): Workspace {
  const { sealedDataKey, ...workspace } = stored;
  return { ...workspace, dataKey: context.keyring.decrypt('workspace-key', sealedDataKey) };
}

export function slugTaken(slug: string): SlugTaken {
  const message = `Another workspace has the slug "${slug}"`;
  return refuse('slug_taken', message, { slug: [message] });
}

export function checkWorkspace(
  draft: Pick<Workspace, 'name' | 'slug' | 'currency' | 'timezone' | 'settings'>,
): ValidationRefusal | undefined {
  const { sourceRules = [] } = draft.settings;
  const errors: Record<string, readonly string[]> = {
    ...checkSourceRules(sourceRules, 'settings.sourceRules'),
    ...checkAttributionSettings(draft.settings.attribution, 'settings.attribution'),
  };
  if (draft.name === '' || draft.name.length > 200)
    errors['name'] = ['must have 1 to 200 characters'];
  if (!slugPattern.test(draft.slug)) {
    errors['slug'] = ['must have 1 to 63 lower-case letters, digits and inner hyphens'];
  }
  if (!isCurrency(draft.currency))
    errors['currency'] = ['must be an ISO 4217 code in upper case, for example USD'];
  if (!isTimezone(draft.timezone))
    errors['timezone'] = ['must be an IANA time zone, for example Europe/Berlin'];
  for (const [index, scheme] of (draft.settings.appSchemes ?? []).entries())
    if (!isAppScheme(scheme)) errors[`settings.appSchemes[${index}]`] = [appSchemeRule];
  const { privacy, retention = {} } = draft.settings;
  if (privacy !== undefined && !privacyPresets.includes(privacy))
    errors['settings.privacy'] = [`must be one of ${privacyPresets.join(', ')}`];
  for (const [of, days] of Object.entries(retention))
    if (!Number.isSafeInteger(days) || days < 1)
      errors[`settings.retention.${of}`] = ['must be a whole number of days'];
  return Object.keys(errors).length === 0 ? undefined : refuseFields(errors);
}
