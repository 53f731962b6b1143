import { changedFields } from '../audit/audit-entry.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField, refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { checkEndpoint } from './check-endpoint.ts';
import type { EndpointInput, EndpointWithSecret } from './create-endpoint.ts';
import { failWaitingDeliveries } from './delivery-claim-store.ts';
import { goodHealth } from './endpoint-health.ts';
import { lockEndpoint, selectEnabledEndpoints, updateEndpointRow } from './endpoint-store.ts';
import { webhookArchived, webhookNotFound, withoutSecrets } from './get-endpoint.ts';
import type { WebhookArchived, WebhookNotFound } from './get-endpoint.ts';
import { beginProgress } from './progress-store.ts';
import { announceEndpointChange, publishEndpointChange } from './publish-endpoint-change.ts';
import type { StoredEndpoint, WebhookEndpoint } from './webhook-endpoint.ts';
import { openSecrets, rotatedSecrets, sealSecrets } from './webhook-secret.ts';

/** What is left out stays. */
export type EndpointChanges = {
  readonly [Field in keyof EndpointInput]?: EndpointInput[Field] | undefined;
} & {
  /** `enabled` also takes up an endpoint that Headwater has disabled; what was waiting for it goes on. */
  readonly status?: WebhookEndpoint['status'] | undefined;
};

export type UpdateEndpointRefusal = ValidationRefusal | WebhookNotFound | WebhookArchived;

export async function updateEndpoint(
  context: Context,
  workspace: Workspace,
  id: string,
  changes: EndpointChanges,
  options?: WriteOptions,
): Promise<Result<WebhookEndpoint, UpdateEndpointRefusal>> {
  const { status } = changes;
  if (status !== undefined && status !== 'enabled' && status !== 'disabled')
    return refuseField('status', 'must be enabled or disabled');
  const changed = await changeEndpoint<ValidationRefusal>(
    context,
    workspace,
    id,
    (before) => {
      const checked = checkEndpoint(
        {
          url: changes.url ?? before.url,
          description: changes.description === undefined ? before.description : changes.description,
          eventTypes: changes.eventTypes ?? before.eventTypes,
          linkIds: changes.linkIds ?? before.linkIds,
        },
        { allowPrivateNetworks: context.options.webhooks?.allowPrivateNetworks ?? false },
      );
      if (!checked.ok) return refuseFields(checked.errors);
      const isTakenUp = status === 'enabled' && before.status === 'disabled';
      return ok({
        ...before,
        ...checked.value,
        status: status ?? before.status,
        // What another address has answered says nothing of this one.
        ...((isTakenUp || checked.value.url !== before.url) && goodHealth),
        ...(isTakenUp && { disabledReason: null, enabledAt: new Date(context.clock.now()) }),
      });
    },
    options,
  );
  return changed.ok ? ok(withoutSecrets(changed.value)) : changed;
}

/**
 * Gives an endpoint a new secret. For a day messages carry the signatures of both, so that the receiver can change over
 * without losing one. A second rotation ends the older one of them at once.
 */
export async function rotateEndpointSecret(
  context: Context,
  workspace: Workspace,
  id: string,
  options?: WriteOptions,
): Promise<Result<EndpointWithSecret, WebhookNotFound | WebhookArchived>> {
  const { keyring, clock } = context;
  let secret = '';
  const changed = await changeEndpoint<never>(
    context,
    workspace,
    id,
    (before) => {
      const secrets = rotatedSecrets(openSecrets(keyring, before.secrets), clock.now());
      secret = secrets[0]!.value;
      return ok({ ...before, secrets: sealSecrets(keyring, secrets) });
    },
    options,
  );
  return changed.ok ? ok({ ...withoutSecrets(changed.value), secret }) : changed;
}

/** Ends an endpoint: nothing is sent to it any more. Its deliveries can be read for as long as they are kept. */
export async function archiveEndpoint(
  context: Context,
  workspace: Workspace,
  id: string,
  options?: WriteOptions,
): Promise<Result<WebhookEndpoint, WebhookNotFound>> {
  if (!isUuid(id)) return webhookNotFound();
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<WebhookEndpoint, WebhookNotFound>> => {
      const before = await lockEndpoint(tx, workspace.id, id);
      if (before === undefined) return webhookNotFound();
      const now = new Date(context.clock.now());
      const endpoint =
        before.archivedAt === null ? { ...before, archivedAt: now, updatedAt: now } : before;
      if (endpoint !== before) {
        await updateEndpointRow(tx, endpoint);
        await recordAudit(context, tx, {
          workspaceId: workspace.id,
          action: 'webhook.archived',
          subject: { type: 'webhook', id: id },
        });
        await failWaitingDeliveries(tx, workspace.id, {
          endpointId: id,
          reason: 'webhook_archived',
          now,
        });
      }
      return ok(withoutSecrets(endpoint));
    },
  );
}

async function changeEndpoint<R extends Refusal>(
  context: Context,
  workspace: Workspace,
  id: string,
  change: (before: StoredEndpoint) => Result<StoredEndpoint, R>,
  options: WriteOptions | undefined,
): Promise<Result<StoredEndpoint, R | WebhookNotFound | WebhookArchived>> {
  if (!isUuid(id)) return webhookNotFound();
  const written = await inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<StoredEndpoint, R | WebhookNotFound | WebhookArchived>> => {
      const before = await lockEndpoint(tx, workspace.id, id);
      if (before === undefined) return webhookNotFound();
      if (before.archivedAt !== null) return webhookArchived();
      const changed = change(before);
      if (!changed.ok) return changed;
      const isTakenUp = before.status === 'disabled' && changed.value.status === 'enabled';
      if (isTakenUp && (await selectEnabledEndpoints(tx, workspace.id)).length === 0)
        await beginProgress(tx, workspace.id);
      const endpoint = { ...changed.value, updatedAt: new Date(context.clock.now()) };
      await updateEndpointRow(tx, endpoint);
      if (isTakenUp) await publishEndpointChange(context, tx, workspace.id);
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'webhook.updated',
        subject: { type: 'webhook', id: id },
        changes: changedFields(told(before), told(endpoint)),
      });
      return ok(endpoint);
    },
  );
  announceEndpointChange(context, workspace.id);
  return written;
}

/** Addresses may carry secrets of others: which ones they are stands at the endpoint. */
function told({ description, eventTypes, linkIds, status }: StoredEndpoint) {
  return { description, eventTypes, linkIds, status };
}
