import { sql } from 'kysely';
import type { Insertable, Selectable } from 'kysely';

import { without } from '../kernel/without.ts';
import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { StoredEntity } from './entity.ts';
import type { Invitation, InvitationStatus } from './invitation.ts';

/** An invitation as its row has it: the addresses are rows of their own. */
export type InvitationRow = Omit<Invitation, 'token' | 'signature' | 'emails'> & {
  readonly tokenHash: Uint8Array;
  readonly signingKey: string | null;
  readonly ownerKey: Uint8Array | null;
};

/** `false` where a live invitation has the token: nothing is written, and the transaction stays good. */
export async function insertInvitation(tx: Tx, invitation: InvitationRow): Promise<boolean> {
  const row = await tx
    .insertInto('invitation')
    .values({
      workspace_id: invitation.workspaceId,
      id: invitation.id,
      created_at: invitation.createdAt,
      ...toColumns(invitation),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Takes back what the same transaction inserted. */
export async function deleteInvitation(tx: Tx, workspaceId: string, id: string): Promise<void> {
  await tx
    .deleteFrom('invitation_email')
    .where('workspace_id', '=', workspaceId)
    .where('invitation_id', '=', id)
    .execute();
  await tx
    .deleteFrom('invitation')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .execute();
}

export interface StoredEmail {
  readonly invitationId: string;
  readonly valueHash: Uint8Array;
  /** Encrypted; `null` once the person was forgotten. */
  readonly value: Uint8Array | null;
}

export async function insertEmails(
  tx: Tx,
  workspaceId: string,
  emails: readonly StoredEmail[],
): Promise<void> {
  if (emails.length === 0) return;
  await tx
    .insertInto('invitation_email')
    .values(
      emails.map((email) => ({
        workspace_id: workspaceId,
        invitation_id: email.invitationId,
        value_hash: email.valueHash,
        value: email.value,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function findEmails(
  db: Db,
  workspaceId: string,
  invitationIds: readonly string[],
): Promise<StoredEmail[]> {
  if (invitationIds.length === 0) return [];
  const rows = await db
    .selectFrom('invitation_email')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('invitation_id', 'in', invitationIds)
    .execute();
  return rows.map((row) => ({
    invitationId: row.invitation_id,
    valueHash: row.value_hash,
    value: row.value,
  }));
}

export async function findInvitation(
  db: Db,
  workspaceId: string,
  id: string,
): Promise<InvitationRow | undefined> {
  const row = await db
    .selectFrom('invitation')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && toInvitation(row);
}

/** The invitation that a token leads to; archived ones lead nowhere. */
export async function findInvitationByToken(
  db: Db,
  workspaceId: string,
  tokenHash: Uint8Array,
): Promise<InvitationRow | undefined> {
  const row = await db
    .selectFrom('invitation')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('token_hash', '=', tokenHash)
    .where('archived_at', 'is', null)
    .executeTakeFirst();
  return row && toInvitation(row);
}

export async function lockInvitation(
  tx: Tx,
  workspaceId: string,
  id: string,
): Promise<InvitationRow | undefined> {
  const row = await tx
    .selectFrom('invitation')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row && toInvitation(row);
}

/** Everything but the seats, which only redemptions move. */
export async function updateInvitationRow(tx: Tx, invitation: InvitationRow): Promise<void> {
  await tx
    .updateTable('invitation')
    .set(without(toColumns(invitation), 'uses'))
    .where('workspace_id', '=', invitation.workspaceId)
    .where('id', '=', invitation.id)
    .execute();
}

/** Takes a seat where the invitation lets somebody in; `undefined` where it does not. */
export async function takeInvitationSeat(
  tx: Tx,
  workspaceId: string,
  id: string,
  now: Date,
): Promise<InvitationRow | undefined> {
  const row = await tx
    .updateTable('invitation')
    .set((eb) => ({ uses: eb('uses', '+', 1), updated_at: now }))
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .where('archived_at', 'is', null)
    .where('status', '=', 'active')
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .where((eb) => eb.or([eb('uses_max', 'is', null), eb('uses', '<', eb.ref('uses_max'))]))
    .returningAll()
    .executeTakeFirst();
  return row && toInvitation(row);
}

/** Gives a seat back. */
export async function returnInvitationSeat(
  tx: Tx,
  workspaceId: string,
  id: string,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('invitation')
    .set((eb) => ({ uses: eb('uses', '-', 1), updated_at: now }))
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .execute();
}

/** Whether an invitation that is bound to an address lets somebody in now. */
export async function hasOpenInvitation(
  db: Db,
  workspaceId: string,
  {
    emailHash,
    emailVerified,
    now,
  }: { readonly emailHash: Uint8Array; readonly emailVerified: boolean; readonly now: Date },
): Promise<boolean> {
  const row = await db
    .selectFrom('invitation_email as e')
    .innerJoin('invitation as i', (join) =>
      join.onRef('i.workspace_id', '=', 'e.workspace_id').onRef('i.id', '=', 'e.invitation_id'),
    )
    .select('i.id')
    .where('e.workspace_id', '=', workspaceId)
    .where('e.value_hash', '=', emailHash)
    .where('i.archived_at', 'is', null)
    .where('i.status', '=', 'active')
    .where((eb) => eb.or([eb('i.expires_at', 'is', null), eb('i.expires_at', '>', now)]))
    .where((eb) => eb.or([eb('i.uses_max', 'is', null), eb('i.uses', '<', eb.ref('i.uses_max'))]))
    .$if(!emailVerified, (query) => query.where('i.verified_email', '=', false))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export interface InvitationFilter {
  readonly status: InvitationStatus | undefined;
  /** Without those whose expiry has passed, or only those. */
  readonly expired: boolean | undefined;
  readonly archived: 'without' | 'with' | 'only';
  readonly ownerKey: Uint8Array | undefined;
  readonly emailHash: Uint8Array | undefined;
  /** A part of the name or the description, in whatever case. */
  readonly search: string | undefined;
  readonly now: Date;
  readonly before: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** Newest first: ids sort by when they were made. */
export async function selectInvitations(
  db: Db,
  workspaceId: string,
  filter: InvitationFilter,
): Promise<InvitationRow[]> {
  let query = db.selectFrom('invitation').selectAll().where('workspace_id', '=', workspaceId);
  if (filter.status !== undefined) query = query.where('status', '=', filter.status);
  if (filter.expired === true) query = query.where('expires_at', '<=', filter.now);
  if (filter.expired === false)
    query = query.where((eb) =>
      eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', filter.now)]),
    );
  if (filter.archived === 'without') query = query.where('archived_at', 'is', null);
  if (filter.archived === 'only') query = query.where('archived_at', 'is not', null);
  if (filter.ownerKey !== undefined) query = query.where('owner_key', '=', filter.ownerKey);
  if (filter.search !== undefined)
    query = query.where(
      sql<boolean>`strpos(lower(concat_ws(chr(10), name, description)), lower(${filter.search})) > 0`,
    );
  const { emailHash } = filter;
  if (emailHash !== undefined)
    query = query.where((eb) =>
      eb.exists(
        eb
          .selectFrom('invitation_email')
          .select('invitation_email.invitation_id')
          .where('invitation_email.workspace_id', '=', workspaceId)
          .whereRef('invitation_email.invitation_id', '=', 'invitation.id')
          .where('invitation_email.value_hash', '=', emailHash),
      ),
    );
  if (filter.before !== undefined) query = query.where('id', '<', filter.before);
  const rows = await query
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .offset(filter.offset)
    .execute();
  return rows.map(toInvitation);
}

/** Archives what has expired before a time, at most so many at once; invitations without expiry stay. */
export async function archiveExpired(
  db: Db,
  workspaceId: string,
  expiredBefore: Date,
  now: Date,
  limit: number,
): Promise<ReadonlyArray<{ readonly linkId: string | null }>> {
  const rows = await db
    .updateTable('invitation')
    .set({ archived_at: now, updated_at: now })
    .where('workspace_id', '=', workspaceId)
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('invitation')
        .select('id')
        .where('workspace_id', '=', workspaceId)
        .where('archived_at', 'is', null)
        .where('expires_at', '<=', expiredBefore)
        .orderBy('id')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .returning('link_id')
    .execute();
  return rows.map((row) => ({ linkId: row.link_id }));
}

function toColumns(
  invitation: InvitationRow,
): Omit<Insertable<Tables['invitation']>, 'workspace_id' | 'id' | 'created_at'> {
  return {
    token_hash: invitation.tokenHash,
    token_prefix: invitation.tokenPrefix,
    signing_key: invitation.signingKey,
    name: invitation.name,
    description: invitation.description,
    attributes: JSON.stringify(invitation.attributes),
    status: invitation.status,
    expires_at: invitation.expiresAt,
    uses: invitation.uses,
    uses_max: invitation.usesMax,
    email_domains: [...invitation.emailDomains],
    verified_email: invitation.verifiedEmail,
    owner_type: invitation.owner?.type ?? null,
    owner_id: invitation.owner?.id ?? null,
    owner_key: invitation.ownerKey,
    link_id: invitation.linkId,
    updated_at: invitation.updatedAt,
    archived_at: invitation.archivedAt,
  };
}

function toInvitation(row: Selectable<Tables['invitation']>): InvitationRow {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    tokenHash: row.token_hash,
    tokenPrefix: row.token_prefix,
    signingKey: row.signing_key,
    signed: row.signing_key !== null,
    name: row.name,
    description: row.description,
    attributes: row.attributes,
    status: row.status as InvitationStatus,
    expiresAt: row.expires_at,
    uses: row.uses,
    usesMax: row.uses_max,
    emailDomains: row.email_domains,
    verifiedEmail: row.verified_email,
    owner: toEntity(row.owner_type, row.owner_id),
    ownerKey: row.owner_key,
    linkId: row.link_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    archivedAt: row.archived_at,
  };
}

function toEntity(type: string | null, id: string | null): StoredEntity | null {
  return type === null ? null : { type, id: id ?? undefined };
}
