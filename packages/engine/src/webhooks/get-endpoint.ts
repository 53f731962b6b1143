import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { refuse } from '../kernel/result.ts';
import type { Refusal } from '../kernel/result.ts';
import { without } from '../kernel/without.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findEndpoint } from './endpoint-store.ts';
import type { StoredEndpoint, WebhookEndpoint } from './webhook-endpoint.ts';

export type WebhookNotFound = Refusal & { readonly code: 'webhook_not_found' };

/** An endpoint, archived or not; `undefined` where there is none. */
export async function getEndpoint(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<WebhookEndpoint | undefined> {
  if (!isUuid(id)) return undefined;
  const stored = await findEndpoint(context.database.db, workspace.id, id);
  return stored && withoutSecrets(stored);
}

/** What its owners see of it. */
export function withoutSecrets(endpoint: StoredEndpoint): WebhookEndpoint {
  return without(endpoint, 'secrets', 'enabledAt', 'lastFailedAt', 'failures', 'restingUntil');
}

export type WebhookArchived = Refusal & { readonly code: 'webhook_archived' };

export function webhookArchived() {
  return refuse('webhook_archived', 'The webhook is archived: nothing is sent to it any more.');
}

export function webhookNotFound() {
  return refuse('webhook_not_found', 'There is no such webhook.');
}
