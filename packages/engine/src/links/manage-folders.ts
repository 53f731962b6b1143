import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { errorCode, uniqueViolation } from '../store/connection.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { nameProblem } from './folder.ts';
import type { CountedFolder, LinkFolder } from './folder.ts';
import {
  deleteFolderRow,
  findFolder,
  insertFolder,
  lockFolder,
  selectFolders,
  updateFolderName,
} from './folder-store.ts';
import { lockLinksInFolder } from './link-batch-store.ts';
import { announceLinkChange, publishLinkChanges } from './link-change.ts';
import { updateLinkRow, withSavepoint } from './link-store.ts';
import type { Link } from './link.ts';

export type FolderNameTaken = Refusal & { readonly code: 'folder_name_taken' };
export type FolderNotFound = Refusal & { readonly code: 'folder_not_found' };
export type CreateFolderRefusal = ValidationRefusal | FolderNameTaken;
export type RenameFolderRefusal = CreateFolderRefusal | FolderNotFound;

/** So many links leave a folder in one transaction. */
const linksAtOnce = 1_000;

/** In the order of their names, each with how many links are in it. */
export function listFolders(
  context: Context,
  workspace: Workspace,
): Promise<readonly CountedFolder[]> {
  return selectFolders(context.database.db, workspace.id);
}

export async function createFolder(
  context: Context,
  workspace: Workspace,
  input: { readonly name: string },
  options?: WriteOptions,
): Promise<Result<LinkFolder, CreateFolderRefusal>> {
  const problem = nameProblem(input.name);
  if (problem !== undefined) return refuseField('name', problem);
  const now = context.clock.now();
  const at = new Date(now);
  const name = input.name.trim();
  const folder = { id: context.createId(now), name, createdAt: at, updatedAt: at };
  return writeFolder(context, options, folder, async (tx) => {
    await withSavepoint(tx, () => insertFolder(tx, workspace.id, folder));
    const changes = { name: { to: folder.name } };
    await record(context, tx, workspace, { action: 'folder.created', id: folder.id, changes });
  });
}

export async function renameFolder(
  context: Context,
  workspace: Workspace,
  id: string,
  input: { readonly name: string },
  options?: WriteOptions,
): Promise<Result<LinkFolder, RenameFolderRefusal>> {
  const problem = nameProblem(input.name);
  if (problem !== undefined) return refuseField('name', problem);
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<LinkFolder, RenameFolderRefusal>> => {
      const before = isUuid(id) ? await findFolder(tx, workspace.id, id) : undefined;
      if (before === undefined) return folderNotFound();
      const updatedAt = new Date(context.clock.now());
      const folder = { ...before, name: input.name.trim(), updatedAt };
      try {
        await withSavepoint(tx, () => updateFolderName(tx, workspace.id, folder));
      } catch (error) {
        if (errorCode(error) === uniqueViolation) return nameTaken(folder.name);
        throw error;
      }
      const changes = { name: { from: before.name, to: folder.name } };
      await record(context, tx, workspace, { action: 'folder.renamed', id, changes });
      return ok(folder);
    },
  );
}

/** Deletes a folder. Its links stay, in no folder; many of them leave in steps. */
export async function deleteFolder(
  context: Context,
  workspace: Workspace,
  id: string,
  options?: WriteOptions,
): Promise<Result<{ readonly links: number }, FolderNotFound>> {
  if (!isUuid(id)) return folderNotFound();
  let links = 0;
  for (;;) {
    const changed = await inTransaction(context.database, options, (tx) => step(tx));
    if (changed === undefined) return folderNotFound();
    for (const link of changed) announceLinkChange(context, link);
    links += changed.length;
    if (changed.length < linksAtOnce) return ok({ links });
  }

  async function step(tx: Tx): Promise<readonly Link[] | undefined> {
    if (!(await lockFolder(tx, workspace.id, id))) return undefined;
    const found = await lockLinksInFolder(tx, workspace.id, id, linksAtOnce);
    const updatedAt = new Date(context.clock.now());
    const changes = found.map((before) => ({
      before,
      link: { ...before, folderId: null, updatedAt },
    }));
    for (const { link } of changes) await updateLinkRow(tx, link);
    await publishLinkChanges(context, tx, changes, 'link.updated');
    if (found.length < linksAtOnce && (await deleteFolderRow(tx, workspace.id, id)))
      await record(context, tx, workspace, { action: 'folder.deleted', id });
    return changes.map(({ link }) => link);
  }
}

async function writeFolder(
  context: Context,
  options: WriteOptions | undefined,
  folder: LinkFolder,
  write: (tx: Tx) => Promise<void>,
): Promise<Result<LinkFolder, FolderNameTaken>> {
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<LinkFolder, FolderNameTaken>> => {
      try {
        await write(tx);
        return ok(folder);
      } catch (error) {
        if (errorCode(error) === uniqueViolation) return nameTaken(folder.name);
        throw error;
      }
    },
  );
}

async function record(
  context: Context,
  tx: Tx,
  workspace: Workspace,
  {
    id,
    ...done
  }: {
    readonly action: string;
    readonly id: string;
    readonly changes?: Readonly<Record<string, { readonly from?: unknown; readonly to?: unknown }>>;
  },
): Promise<void> {
  const subject = { type: 'folder', id };
  await recordAudit(context, tx, { workspaceId: workspace.id, subject, ...done });
}

function nameTaken(name: string): FolderNameTaken {
  return refuse('folder_name_taken', `There is a folder "${name}" already.`, {
    name: ['is taken'],
  });
}

function folderNotFound(): FolderNotFound {
  return refuse('folder_not_found', 'Folder not found.');
}
