import type { Context } from '../context.ts';
import type { Job } from '../jobs/job.ts';
import { deliverWebhooks } from './deliver-webhooks.ts';
import { findWorkspacesWithEndpoints } from './endpoint-store.ts';
import { pruneDeliveries } from './prune-deliveries.ts';

/** Background work of webhooks: what happens is told within a minute at the latest, mostly within seconds. */
export function createWebhookJobs(context: Context): Job[] {
  const hasEndpoints = (which: 'enabled' | 'any') => async () =>
    (await findWorkspacesWithEndpoints(context.database.db, which)).length > 0;
  return [
    {
      name: 'deliver_webhooks',
      cron: '* * * * *',
      run: (goesOn) => deliverWebhooks(context, goesOn),
      isNeeded: hasEndpoints('enabled'),
    },
    {
      name: 'prune_webhooks',
      cron: '*/20 * * * *',
      run: (goesOn) => pruneDeliveries(context, goesOn),
      isNeeded: hasEndpoints('any'),
    },
  ];
}
