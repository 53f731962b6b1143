import type { Context } from '../context.ts';
import type { Job } from '../jobs/job.ts';
import { checkLinks } from './check-links.ts';
import { findWorkspacesWithChecks } from './link-health-store.ts';

/** Looks at destinations: each one's time stands in its row, by the engine's clock; this only comes by every minute. */
export function createLinkHealthJobs(context: Context): Job[] {
  return [
    {
      name: 'check_links',
      cron: '* * * * *',
      run: (goesOn) => checkLinks(context, goesOn),
      isNeeded: async () => (await findWorkspacesWithChecks(context.database.db)).length > 0,
    },
  ];
}
