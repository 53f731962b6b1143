import type { Context } from './context.ts';
import type { PageInput } from './kernel/page.ts';
import type { On, ReadIn, WriteIn } from './library-scope.ts';
import { createEndpoint } from './webhooks/create-endpoint.ts';
import type { EndpointInput } from './webhooks/create-endpoint.ts';
import { deliverWebhooks } from './webhooks/deliver-webhooks.ts';
import { getEndpoint } from './webhooks/get-endpoint.ts';
import { getDelivery, listDeliveries } from './webhooks/list-deliveries.ts';
import type { ListDeliveriesInput } from './webhooks/list-deliveries.ts';
import { listEndpoints } from './webhooks/list-endpoints.ts';
import { pruneDeliveries } from './webhooks/prune-deliveries.ts';
import { recoverDeliveries, redeliver, testEndpoint } from './webhooks/redeliver.ts';
import {
  archiveEndpoint,
  rotateEndpointSecret,
  updateEndpoint,
} from './webhooks/update-endpoint.ts';
import type { EndpointChanges } from './webhooks/update-endpoint.ts';

/** `hw.webhooks`. */
export function createWebhookCalls(context: Context, on: On) {
  return {
    /** Creates an endpoint. Its signing secret is on this answer only. */
    create: (input: EndpointInput, options?: WriteIn) =>
      on(options, (scope, workspace) => createEndpoint(scope, workspace, input, options)),
    /** An endpoint by its id, without its secret. */
    get: (id: string, options?: ReadIn) =>
      on(options, (scope, workspace) => getEndpoint(scope, workspace, id)),
    /** Newest first. */
    list: (input?: PageInput, options?: ReadIn) =>
      on(options, (scope, workspace) => listEndpoints(scope, workspace, input)),
    /** Changes what is given. */
    update: (id: string, changes: EndpointChanges, options?: WriteIn) =>
      on(options, (scope, workspace) => updateEndpoint(scope, workspace, id, changes, options)),
    /** A new signing secret; the old one goes on signing for a day, beside the new one. */
    rotateSecret: (id: string, options?: WriteIn) =>
      on(options, (scope, workspace) => rotateEndpointSecret(scope, workspace, id, options)),
    /** Tells an endpoint nothing more. */
    archive: (id: string, options?: WriteIn) =>
      on(options, (scope, workspace) => archiveEndpoint(scope, workspace, id, options)),
    /** Sends `webhook.test` and answers with what became of it. */
    test: (id: string, options?: ReadIn) =>
      on(options, (scope, workspace) => testEndpoint(scope, workspace, id)),
    /** What was sent to an endpoint, and what waits, newest first. */
    deliveries: (id: string, input?: ListDeliveriesInput, options?: ReadIn) =>
      on(options, (scope, workspace) => listDeliveries(scope, workspace, id, input)),
    /** One delivery with its attempts. */
    delivery: (deliveryId: string, options?: ReadIn) =>
      on(options, (scope, workspace) => getDelivery(scope, workspace, deliveryId)),
    /** Sends a delivery once more, with the same `webhook-id`. */
    redeliver: (deliveryId: string, options?: ReadIn) =>
      on(options, (scope, workspace) => redeliver(scope, workspace, deliveryId)),
    /** Lets everything of an endpoint wait anew that failed since a time. */
    recover: (id: string, input: { readonly since: Date }, options?: WriteIn) =>
      on(options, (scope, workspace) => recoverDeliveries(scope, workspace, id, input, options)),
    /**
     * Plans what has happened and sends what is due, of all workspaces. `hw.start()` does it all the time; a host that
     * runs its own jobs may do it instead.
     */
    async deliverDue() {
      const report = await deliverWebhooks(context);
      await pruneDeliveries(context);
      return report;
    },
  };
}
