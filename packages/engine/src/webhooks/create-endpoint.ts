import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { checkEndpoint } from './check-endpoint.ts';
import { goodHealth } from './endpoint-health.ts';
import { countEndpoints, insertEndpoint, selectEnabledEndpoints } from './endpoint-store.ts';
import { beginProgress, lockProgress } from './progress-store.ts';
import { announceEndpointChange, publishEndpointChange } from './publish-endpoint-change.ts';
import { endpointLimits } from './webhook-endpoint.ts';
import type { WebhookEndpoint } from './webhook-endpoint.ts';
import { generateSecret, sealSecrets } from './webhook-secret.ts';

export interface EndpointInput {
  /** Where messages go: https. */
  readonly url: string;
  readonly description?: string | null | undefined;
  /** @default ['*'] */
  readonly eventTypes?: readonly string[] | undefined;
  /** Only what is about one of these links. @default [] everything */
  readonly linkIds?: readonly string[] | undefined;
}

/** With its secret, which is told this once. */
export interface EndpointWithSecret extends WebhookEndpoint {
  readonly secret: string;
}

export type CreateEndpointRefusal =
  | ValidationRefusal
  | (Refusal & { readonly code: 'too_many_webhooks' });

/**
 * Creates an endpoint. It is told of what commits from now on.
 * @example
 * const { secret } = orThrow(await hw.webhooks.create({ url: 'https://example.com/hooks', eventTypes: ['conversion.created'] }));
 */
export async function createEndpoint(
  context: Context,
  workspace: Workspace,
  input: EndpointInput,
  options?: WriteOptions,
): Promise<Result<EndpointWithSecret, CreateEndpointRefusal>> {
  const checked = checkEndpoint(
    {
      url: input.url,
      description: input.description ?? null,
      eventTypes: input.eventTypes ?? ['*'],
      linkIds: input.linkIds ?? [],
    },
    { allowPrivateNetworks: context.options.webhooks?.allowPrivateNetworks ?? false },
  );
  if (!checked.ok) return refuseFields(checked.errors);
  const now = context.clock.now();
  const secret = generateSecret();
  const endpoint: WebhookEndpoint = {
    workspaceId: workspace.id,
    id: context.createId(now),
    ...checked.value,
    status: 'enabled',
    disabledReason: null,
    failingSince: null,
    archivedAt: null,
    createdAt: new Date(now),
    updatedAt: new Date(now),
  };
  const created = await inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<EndpointWithSecret, CreateEndpointRefusal>> => {
      const { endpointsMax } = endpointLimits;
      await lockProgress(tx, workspace.id);
      if ((await countEndpoints(tx, workspace.id)) >= endpointsMax)
        return refuse('too_many_webhooks', `A workspace has at most ${endpointsMax} webhooks.`);
      if ((await selectEnabledEndpoints(tx, workspace.id)).length === 0)
        await beginProgress(tx, workspace.id);
      await insertEndpoint(tx, {
        ...endpoint,
        ...goodHealth,
        enabledAt: endpoint.createdAt,
        secrets: sealSecrets(context.keyring, [secret]),
      });
      await publishEndpointChange(context, tx, workspace.id);
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'webhook.created',
        subject: { type: 'webhook', id: endpoint.id },
        changes: { event_types: { to: endpoint.eventTypes } },
      });
      return ok({ ...endpoint, secret: secret.value });
    },
  );
  announceEndpointChange(context, workspace.id);
  return created;
}
