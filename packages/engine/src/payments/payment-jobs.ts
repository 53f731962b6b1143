import type { Context } from '../context.ts';
import type { Job } from '../jobs/job.ts';
import { applyDuePayments } from './apply-payments.ts';
import { findWorkspacesWithPayments } from './payment-store.ts';

/** Background work of payments: what waits for another message, or for the database. */
export function createPaymentJobs(context: Context): Job[] {
  return [
    {
      name: 'apply_payments',
      cron: '* * * * *',
      run: (goesOn) => applyDuePayments(context, goesOn),
      isNeeded: async () => (await findWorkspacesWithPayments(context.database.db)).length > 0,
    },
  ];
}
