import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findCode, findCodeByText, showCode } from './code-store.ts';
import type { CodeRow } from './code-store.ts';
import { codeProblem, normaliseCode } from './referral-code.ts';
import type { ReferralCode } from './referral-code.ts';

/** The code with this id, archived or not. */
export async function getCode(
  context: Context,
  workspace: Workspace,
  id: string,
): Promise<ReferralCode | undefined> {
  const row = isUuid(id) ? await findCode(context.database.db, workspace.id, id) : undefined;
  return row && showCode(row);
}

/** The live code with this text, however it is typed. */
export async function getCodeByText(
  context: Context,
  workspace: Workspace,
  text: string,
): Promise<ReferralCode | undefined> {
  const row = await findLiveCode(context, workspace, text);
  return row && showCode(row);
}

/** The code that a text or an object with an id means, where it is not archived. */
export async function findLiveCode(
  context: Context,
  workspace: Workspace,
  named: string | { readonly id: string },
): Promise<CodeRow | undefined> {
  const { db } = context.database;
  if (typeof named !== 'object' || named === null)
    return codeProblem(named) === undefined
      ? findCodeByText(db, workspace.id, normaliseCode(named))
      : undefined;
  const row = isUuid(named.id) ? await findCode(db, workspace.id, named.id) : undefined;
  return row?.archivedAt === null ? row : undefined;
}
