import { sql } from 'kysely';
import type { Selectable } from 'kysely';

import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { Domain } from './domain.ts';

/** The row of this workspace, whether it is new or was there. */
export async function insertDomain(db: Db, domain: Domain): Promise<Domain> {
  await db
    .insertInto('domain')
    .values({
      host: domain.host,
      workspace_id: domain.workspaceId,
      verification_token: domain.verificationToken,
      verified_at: domain.verifiedAt ?? null,
      created_at: domain.createdAt,
      case_sensitive: domain.caseSensitive,
    })
    .onConflict((conflict) => conflict.columns(['host', 'workspace_id']).doNothing())
    .execute();
  return (await findDomain(db, domain.workspaceId, domain.host)) ?? domain;
}

export async function findDomain(
  db: Db,
  workspaceId: string,
  host: string,
): Promise<Domain | undefined> {
  const row = await db
    .selectFrom('domain')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('host', '=', host)
    .executeTakeFirst();
  return row && toDomain(row);
}

export async function findVerifiedDomain(db: Db, host: string): Promise<Domain | undefined> {
  const row = await db
    .selectFrom('domain')
    .selectAll()
    .where('host', '=', host)
    .where('verified_at', 'is not', null)
    .executeTakeFirst();
  return row && toDomain(row);
}

/** Whether anybody has proven a host of this name, on whatever port. */
export async function isVerifiedName(db: Db, name: string): Promise<boolean> {
  const row = await db
    .selectFrom('domain')
    .select('host')
    .where(sql<boolean>`split_part(host, ':', 1) = ${name}`)
    .where('verified_at', 'is not', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The hosts that the workspace has proven. */
export async function selectVerifiedHosts(db: Db, workspaceId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('domain')
    .select('host')
    .where('workspace_id', '=', workspaceId)
    .where('verified_at', 'is not', null)
    .execute();
  return rows.map((row) => row.host);
}

/** By name. */
export async function selectDomainPage(
  db: Db,
  workspaceId: string,
  page: { readonly limit: number; readonly offset: number; readonly after: string | undefined },
): Promise<Domain[]> {
  const rows = await db
    .selectFrom('domain')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .$if(page.after !== undefined, (query) => query.where('host', '>', page.after!))
    .orderBy('host')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  return rows.map(toDomain);
}

/** Serialises the proofs of one host: of two workspaces that prove it at once, one gets it. */
export async function lockDomainClaims(tx: Tx, host: string): Promise<Domain[]> {
  const rows = await tx
    .selectFrom('domain')
    .selectAll()
    .where('host', '=', host)
    .orderBy('workspace_id')
    .forUpdate()
    .execute();
  return rows.map(toDomain);
}

export async function markDomainVerified(
  tx: Tx,
  workspaceId: string,
  host: string,
  at: Date,
): Promise<void> {
  await tx
    .updateTable('domain')
    .set({ verified_at: at })
    .where('workspace_id', '=', workspaceId)
    .where('host', '=', host)
    .execute();
}

export async function updateDomainRow(
  tx: Tx,
  workspaceId: string,
  host: string,
  changes: { readonly caseSensitive: boolean },
): Promise<void> {
  await tx
    .updateTable('domain')
    .set({ case_sensitive: changes.caseSensitive })
    .where('workspace_id', '=', workspaceId)
    .where('host', '=', host)
    .execute();
}

export async function deleteDomain(db: Db, workspaceId: string, host: string): Promise<boolean> {
  const result = await db
    .deleteFrom('domain')
    .where('workspace_id', '=', workspaceId)
    .where('host', '=', host)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

function toDomain(row: Selectable<Tables['domain']>): Domain {
  return {
    host: row.host,
    workspaceId: row.workspace_id,
    verificationToken: row.verification_token,
    verifiedAt: row.verified_at ?? undefined,
    createdAt: row.created_at,
    caseSensitive: row.case_sensitive,
  };
}
