import type { Clock } from '../kernel/clock.ts';
import { day } from '../kernel/clock.ts';
import type { Database } from './database.ts';

/** A day is over once it is over everywhere, and a visit goes on past midnight. */
const dailySaltDays = 2;
/** A prefetch whose click id has not landed by then was never followed. */
const pendingClickLife = day;
/** A key is remembered this long; a repeat after that is a new request. */
const idempotencyLife = 30 * day;
/** Events of host transactions that were refused are kept this long for whoever looks for them. */
const refusedLife = 30 * day;
/** More than a year, so that this month can be held against the same one of last year. */
const auditLife = 400 * day;

/** Deletes what has served its time, workspace by workspace where it belongs to one. */
export async function prune(database: Database, clock: Clock): Promise<void> {
  const { db } = database;
  const now = clock.now();
  await db.deleteFrom('rate_count').where('ends_at', '<', new Date(now)).execute();
  for (const { id } of await db.selectFrom('workspace').select('id').execute()) {
    await db
      .deleteFrom('pending_click')
      .where('workspace_id', '=', id)
      .where('created_at', '<', new Date(now - pendingClickLife))
      .execute();
    await db
      .deleteFrom('daily_salt')
      .where('workspace_id', '=', id)
      .where('day', '<=', Math.floor(now / day) - dailySaltDays)
      .execute();
    await db
      .deleteFrom('idempotent_request')
      .where('workspace_id', '=', id)
      .where('created_at', '<', new Date(now - idempotencyLife))
      .execute();
    await db
      .deleteFrom('audit_entry')
      .where('workspace_id', '=', id)
      .where('at', '<', new Date(now - auditLife))
      .execute();
    await db
      .deleteFrom('inbox')
      .where('workspace_id', '=', id)
      .where('refused_code', 'is not', null)
      .where('created_at', '<', new Date(now - refusedLife))
      .execute();
  }
}
