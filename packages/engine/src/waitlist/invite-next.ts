import type { Context } from '../context.ts';
import { createInvitation } from '../invitations/create-invitation.ts';
import type {
  CreatedInvitation,
  CreateInvitationInput,
  CreateInvitationRefusal,
} from '../invitations/create-invitation.ts';
import { isUuid } from '../kernel/id.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import { tellOfSubject } from '../webhooks/tell-endpoints.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { presentEntry } from './present-entry.ts';
import type { WaitlistEntry } from './waitlist-entry.ts';
import { lockWaiting, updateEntry } from './waitlist-store.ts';

export interface InviteNextInput {
  /** How many of those who come next, 500 at most. */
  readonly count?: number | undefined;
  /** Or who, by the ids of their entries, whatever their place; who does not wait is left out. */
  readonly ids?: readonly string[] | undefined;
  /** What each invitation is beside its address: name, attributes, expiry, owner. One seat where nothing is said. */
  readonly invitation?:
    | Omit<CreateInvitationInput, 'token' | 'sign' | 'emails' | 'emailDomains'>
    | undefined;
}

/** Somebody who was invited. The token is on this answer only. */
export interface InvitedEntry {
  readonly entry: WaitlistEntry;
  readonly invitation: CreatedInvitation;
}

const countMax = 500;

/**
 * Invites those who come next, each by an invitation of their own that only their address can redeem; all of them or,
 * where that is refused, nobody. Of two calls at once each invites others.
 */
export async function inviteNext(
  context: Context,
  workspace: Workspace,
  { count, ids, invitation = {} }: InviteNextInput,
  options?: WriteOptions,
): Promise<Result<readonly InvitedEntry[], CreateInvitationRefusal>> {
  if ((count === undefined) === (ids === undefined))
    return refuseField('count', 'is required, or ids, and not both');
  if (count !== undefined && !(Number.isSafeInteger(count) && count >= 1 && count <= countMax))
    return refuseField('count', `must be a whole number from 1 to ${countMax}`);
  if (ids !== undefined && !(ids.length >= 1 && ids.length <= countMax && ids.every(isUuid)))
    return refuseField('ids', `must be 1 to ${countMax} ids of entries`);

  const isOne = count === 1 || ids?.length === 1;
  for (const field of ['key', 'externalId'] as const)
    if (!isOne && invitation.link?.[field] != null)
      return refuseField(
        `invitation.link.${field}`,
        'must not be there for several: each has its own',
      );

  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<readonly InvitedEntry[], CreateInvitationRefusal>> => {
      const rows = await lockWaiting(tx, workspace.id, { limit: count ?? countMax, ids });
      const invited: InvitedEntry[] = [];
      for (const row of rows) {
        const { email } = presentEntry(workspace, row);
        if (email === undefined) continue;
        const input = { usesMax: 1, ...invitation, emails: [email] };
        const created = await createInvitation(context, workspace, input, { tx });
        // The first one says what is wrong with all of them, before anything is written.
        if (!created.ok) return created;
        const at = new Date(context.clock.now());
        const invitationId = created.value.id;
        const next = { ...row, status: 'invited', invitationId, updatedAt: at } as const;
        await updateEntry(tx, next);
        const what = { type: 'waitlist.invited', id: row.id } as const;
        await tellOfSubject(context, tx, workspace.id, what);
        invited.push({ entry: presentEntry(workspace, next), invitation: created.value });
      }
      return ok(invited);
    },
  );
}
