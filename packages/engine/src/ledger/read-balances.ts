import type { Context } from '../context.ts';
import type { EntityInput } from '../invitations/entity.ts';
import { hashEntity } from '../invitations/hash-entity.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { InvalidQuery } from '../kernel/page.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { readAccount } from './entry-input.ts';
import type { AccountBalance } from './ledger-entry.ts';
import { selectBalances, selectBalancesOf } from './ledger-store.ts';

/** What an account has now, by unit: the sums of its entries. Nobody knows an account without entries. */
export async function readBalances(
  context: Context,
  workspace: Workspace,
  account: EntityInput,
): Promise<Result<readonly AccountBalance[], InvalidQuery>> {
  const read = readAccount(workspace, account);
  if ('problem' in read)
    return refuse('invalid_query', `account ${read.problem}.`, { account: [read.problem] });
  const { entity, key } = read.account;
  const now = new Date(context.clock.now());
  return ok(
    await selectBalances(context.database.db, workspace.id, { type: entity.type, key }, now),
  );
}

/** The same of many accounts of one type, by their ids; accounts without entries are left out. */
export async function readBalancesOf(
  context: Context,
  workspace: Workspace,
  type: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly AccountBalance[]>> {
  const idOfKey = new Map(
    ids.map((id) => [Buffer.from(hashEntity(workspace, { type, id })).toString('hex'), id]),
  );
  const accounts = { type, keys: [...idOfKey.keys()].map((key) => Buffer.from(key, 'hex')) };
  const now = new Date(context.clock.now());
  const rows = await selectBalancesOf(context.database.db, workspace.id, accounts, now);
  return Map.groupBy(rows, ({ key }) => idOfKey.get(Buffer.from(key).toString('hex'))!);
}
