import type { Context } from '../context.ts';
import type { Job } from '../jobs/job.ts';
import { findConnectedWorkspaces } from './connector-store.ts';

/** What is done for connectors in the background. Its code is loaded with the first work. */
export function createConnectorJobs(context: Context): readonly Job[] {
  const isNeeded = (): Promise<boolean> => hasConnectors(context);
  return [
    {
      name: 'deliver_conversions',
      cron: '* * * * *',
      isNeeded,
      async run(goesOn) {
        const { deliverDispatches } = await import('./deliver-dispatches.ts');
        return deliverDispatches(context, { goesOn });
      },
    },
    {
      name: 'reconcile_conversions',
      cron: '7,37 * * * *',
      isNeeded,
      async run() {
        const { reconcileAll } = await import('./reconcile-dispatches.ts');
        return reconcileAll(context);
      },
    },
  ];
}

/** Whether any workspace has ever used a connector. */
async function hasConnectors({
  database,
  options,
}: Pick<Context, 'database' | 'options'>): Promise<boolean> {
  if (options.connectors?.enabled === false) return false;
  return (await findConnectedWorkspaces(database.db)).length > 0;
}
