import type { Context } from '../context.ts';
import { textProblem } from '../kernel/json-limits.ts';
import { cutPage, readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { readEntity } from './entity.ts';
import type { EntityInput } from './entity.ts';
import { presentInvitations } from './get-invitation.ts';
import { hashEmail, hashEntity } from './hash-entity.ts';
import { selectInvitations } from './invitation-store.ts';
import { invitationStatuses } from './invitation.ts';
import type { Invitation, InvitationStatus } from './invitation.ts';

/** 50 invitations to a page where no `limit` is given. */
export interface ListInvitationsInput extends PageInput {
  readonly status?: InvitationStatus | undefined;
  /** Only those whose end has passed, or only those whose end has not. @default both */
  readonly expired?: boolean | undefined;
  /** @default 'without' */
  readonly archived?: 'without' | 'with' | 'only' | undefined;
  /** Who invites. */
  readonly owner?: EntityInput | undefined;
  /** An address that they are bound to: the invitations of somebody who signs in. */
  readonly email?: string | undefined;
  /** A part of the name or the description, in whatever case. */
  readonly search?: string | undefined;
}

export interface InvitationPage {
  readonly invitations: readonly Invitation[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

const archivedChoices = ['without', 'with', 'only'];
const searchLengthMax = 200;

/** The invitations of a workspace, newest first. */
export async function listInvitations(
  context: Context,
  workspace: Workspace,
  input: ListInvitationsInput = {},
): Promise<Result<InvitationPage, InvalidQuery>> {
  const { status, expired, archived = 'without', search } = input;
  const errors: Record<string, string[]> = {};
  if (status !== undefined && !invitationStatuses.includes(status))
    errors['status'] = [`must be one of ${invitationStatuses.join(', ')}`];
  if (!archivedChoices.includes(archived))
    errors['archived'] = [`must be one of ${archivedChoices.join(', ')}`];
  if (search !== undefined && (search === '' || search.length > searchLengthMax))
    errors['search'] = [`must have 1 to ${searchLengthMax} characters`];
  else if (search !== undefined && textProblem(search) !== undefined)
    errors['search'] = ['must not contain control or broken characters'];
  const owner = input.owner === undefined ? undefined : readEntity(input.owner);
  if (owner !== undefined && 'problem' in owner) errors['owner'] = [owner.problem];
  const emailHash = input.email === undefined ? undefined : hashEmail(workspace, input.email);
  if (input.email !== undefined && emailHash === undefined)
    errors['email'] = ['must be an address of somebody'];
  const page = readPage(input, 50, readIdCursor, errors);
  if (!page.ok) return page;

  const { limit, offset, before } = page.value;
  const found = await selectInvitations(context.database.db, workspace.id, {
    status,
    expired,
    archived,
    search,
    emailHash,
    ownerKey:
      owner !== undefined && 'entity' in owner ? hashEntity(workspace, owner.entity) : undefined,
    now: new Date(context.clock.now()),
    before,
    limit: limit + 1,
    offset,
  });
  const { rows, nextCursor } = cutPage(found, limit, (row) => row.id);
  return ok({
    invitations: await presentInvitations(context.database.db, workspace, rows),
    nextCursor,
  });
}
