import type { Context } from '../context.ts';
import type { Db } from '../store/database.ts';
import { insertAuditEntries } from './audit-store.ts';
import type { AuditRecord } from './audit-entry.ts';

type AuditContext = Pick<Context, 'clock' | 'createId' | 'actor'>;

/** Writes down what was done, in the transaction of what was done: neither is ever there without the other. */
export async function recordAudit(
  context: AuditContext,
  tx: Db,
  record: AuditRecord,
): Promise<void> {
  await recordAudits(context, tx, record.workspaceId, [record]);
}

/** The same for many things of one workspace, in one statement. */
export async function recordAudits(
  { clock, createId, actor }: AuditContext,
  tx: Db,
  workspaceId: string,
  records: readonly AuditRecord[],
): Promise<void> {
  const now = clock.now();
  await insertAuditEntries(
    tx,
    workspaceId,
    records.map(({ action, subject, changes = {} }) => ({
      workspaceId,
      id: createId(now),
      at: new Date(now),
      actor: actor ?? null,
      action,
      subject,
      changes,
    })),
  );
}
