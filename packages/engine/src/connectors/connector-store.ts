import type { Selectable } from 'kysely';
import { sql } from 'kysely';

import type { Db, Tx } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import type { RequestPace } from './request-pace.ts';
import type { StoredConnector } from './stored-connector.ts';

export async function selectConnectors(db: Db, workspaceId: string): Promise<StoredConnector[]> {
  const rows = await db
    .selectFrom('connector')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .orderBy('type')
    .execute();
  return rows.map(toStored);
}

export async function findConnector(
  db: Db,
  workspaceId: string,
  type: string,
): Promise<StoredConnector | undefined> {
  const row = await db
    .selectFrom('connector')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('type', '=', type)
    .executeTakeFirst();
  return row && toStored(row);
}

/** The row, made switched off where there was none; who changes it holds it until the transaction ends. */
export async function lockConnector(
  tx: Tx,
  workspaceId: string,
  type: string,
  at: Date,
): Promise<StoredConnector> {
  await tx
    .insertInto('connector')
    .values({
      workspace_id: workspaceId,
      type,
      enabled: false,
      event_types: [],
      settings: '{}',
      test: false,
      revision: 0,
      created_at: at,
      updated_at: at,
    })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'type']).doNothing())
    .execute();
  const row = await tx
    .selectFrom('connector')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('type', '=', type)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return toStored(row);
}

/** Writes what somebody has decided. Whatever stopped the connector is over: it is tried again. */
export async function updateConnectorRow(
  tx: Tx,
  connector: Pick<
    StoredConnector,
    | 'workspaceId'
    | 'type'
    | 'enabled'
    | 'enabledAt'
    | 'eventTypes'
    | 'settings'
    | 'test'
    | 'sealedCredentials'
    | 'updatedAt'
  >,
): Promise<StoredConnector> {
  const row = await tx
    .updateTable('connector')
    .set({
      enabled: connector.enabled,
      enabled_at: connector.enabledAt ?? null,
      event_types: [...connector.eventTypes],
      settings: JSON.stringify(connector.settings),
      test: connector.test,
      credentials: connector.sealedCredentials ?? null,
      access_token: null,
      access_expires_at: null,
      paused_at: null,
      pause_code: null,
      pause_message: null,
      resting_until: null,
      revision: sql<number>`revision + 1`,
      updated_at: connector.updatedAt,
    })
    .where('workspace_id', '=', connector.workspaceId)
    .where('type', '=', connector.type)
    .returningAll()
    .executeTakeFirstOrThrow();
  return toStored(row);
}

type At = { readonly workspaceId: string; readonly type: string; readonly revision: number };

/** Nothing is sent any more; unless somebody has changed the connector meanwhile. */
export async function pauseConnector(
  db: Db,
  { workspaceId, type, revision }: At,
  pause: { readonly at: Date; readonly code: string; readonly message: string },
): Promise<boolean> {
  const row = await db
    .updateTable('connector')
    .set({ paused_at: pause.at, pause_code: pause.code, pause_message: pause.message })
    .where('workspace_id', '=', workspaceId)
    .where('type', '=', type)
    .where('revision', '=', revision)
    .where('paused_at', 'is', null)
    .returning('type')
    .executeTakeFirst();
  return row !== undefined;
}

/** Nothing is sent before that; a longer rest stays. */
export async function restConnector(
  db: Db,
  { workspaceId, type, revision }: At,
  until: Date,
): Promise<void> {
  await db
    .updateTable('connector')
    .set({ resting_until: until })
    .where('workspace_id', '=', workspaceId)
    .where('type', '=', type)
    .where('revision', '=', revision)
    .where((eb) => eb.or([eb('resting_until', 'is', null), eb('resting_until', '<', until)]))
    .execute();
}

/** Which requests went out lately; whoever counts one holds the row until it is counted. */
export async function lockPace(
  tx: Tx,
  { workspaceId, type }: Pick<At, 'workspaceId' | 'type'>,
): Promise<RequestPace> {
  const row = await tx
    .selectFrom('connector')
    .select('pace')
    .where('workspace_id', '=', workspaceId)
    .where('type', '=', type)
    .forUpdate()
    .executeTakeFirst();
  return row?.pace ?? [];
}

export async function updatePace(
  tx: Tx,
  { workspaceId, type }: Pick<At, 'workspaceId' | 'type'>,
  pace: RequestPace,
): Promise<void> {
  await tx
    .updateTable('connector')
    .set({ pace: JSON.stringify(pace) })
    .where('workspace_id', '=', workspaceId)
    .where('type', '=', type)
    .execute();
}

/** Keeps the short-lived token, and new credentials where the platform gave them with it. */
export async function updateAccessToken(
  db: Db,
  { workspaceId, type, revision }: At,
  token: {
    readonly sealed: Uint8Array;
    readonly expiresAt: Date;
    readonly sealedCredentials: Uint8Array | undefined;
  },
): Promise<void> {
  await db
    .updateTable('connector')
    .set({
      access_token: token.sealed,
      access_expires_at: token.expiresAt,
      ...(token.sealedCredentials !== undefined && { credentials: token.sealedCredentials }),
    })
    .where('workspace_id', '=', workspaceId)
    .where('type', '=', type)
    .where('revision', '=', revision)
    .execute();
}

/** Workspaces that have ever used a connector. */
export async function findConnectedWorkspaces(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('workspace')
    .select('workspace.id')
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('connector')
          .select('connector.type')
          .whereRef('connector.workspace_id', '=', 'workspace.id'),
      ),
    )
    .orderBy('workspace.id')
    .execute();
  return rows.map((row) => row.id);
}

function toStored(row: Selectable<Tables['connector']>): StoredConnector {
  return {
    workspaceId: row.workspace_id,
    type: row.type,
    enabled: row.enabled,
    enabledAt: row.enabled_at ?? undefined,
    eventTypes: row.event_types,
    settings: row.settings,
    test: row.test,
    sealedCredentials: row.credentials ?? undefined,
    sealedAccessToken: row.access_token ?? undefined,
    accessExpiresAt: row.access_expires_at ?? undefined,
    revision: row.revision,
    paused:
      row.paused_at === null
        ? undefined
        : { at: row.paused_at, code: row.pause_code ?? '', message: row.pause_message ?? '' },
    restingUntil: row.resting_until ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
