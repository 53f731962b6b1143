import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import { tellOfSubject } from '../webhooks/tell-endpoints.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { entryNotFound, keyOf } from './find-place.ts';
import type { WaitlistEntryNotFound, WaitlistReference } from './find-place.ts';
import { presentEntry } from './present-entry.ts';
import type { WaitlistEntry } from './waitlist-entry.ts';
import { lockEntry, updateEntry } from './waitlist-store.ts';

/**
 * Takes somebody off the list: address, name and metadata go. What stays counts them once for who referred them. Doing it
 * again changes nothing; an invitation that was sent stays good.
 */
export async function leaveWaitlist(
  context: Context,
  workspace: Workspace,
  reference: WaitlistReference,
  options?: WriteOptions,
): Promise<Result<WaitlistEntry, WaitlistEntryNotFound>> {
  const key = keyOf(workspace, reference);
  if (key === undefined) return entryNotFound();
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<WaitlistEntry, WaitlistEntryNotFound>> => {
      const before = await lockEntry(tx, workspace.id, key);
      if (before === undefined) return entryNotFound();
      if (before.status === 'left') return ok(presentEntry(workspace, before));
      const blank = { email: null, name: null, metadata: {}, status: 'left' } as const;
      const row = { ...before, ...blank, updatedAt: new Date(context.clock.now()) };
      await updateEntry(tx, row);
      const what = { type: 'waitlist.left', id: row.id } as const;
      await tellOfSubject(context, tx, workspace.id, what);
      return ok(presentEntry(workspace, row));
    },
  );
}
