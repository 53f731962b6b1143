import type { Context } from '../context.ts';
import type { Job } from '../jobs/job.ts';
import { deliverWebhooks } from './deliver-webhooks.ts';
import { findWorkspacesWithEndpoints } from './endpoint-store.ts';

/** Background work of webhooks: what happens is told within a minute at the latest, mostly within seconds. */
export function createWebhookJobs(context: Context): Job[] {
  return [
    {
      name: 'deliver_webhooks',
      cron: '* * * * *',
      run: (goesOn) => deliverWebhooks(context, goesOn),
      isNeeded: async () => (await findWorkspacesWithEndpoints(context.database.db)).length > 0,
    },
  ];
}
