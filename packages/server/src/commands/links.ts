import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { orThrow } from 'headwater';
import type { Headwater } from 'headwater';
import { linkExportTexts } from 'headwater/contract';

import type { ServerConfig } from '../config.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import type { Log } from '../log.ts';
import type { ExportLinksArguments, HistoryFlags, TagFlags } from '../program-links.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { findWorkspace } from './find-workspace.ts';
import { refused, withMigratedEngine } from './invitations.ts';

/** Writes all links to a file, which is there whole or not at all, or to standard output. */
export async function exportLinks(
  config: ServerConfig,
  log: Log,
  { format, out, archived = false, workspace }: ExportLinksArguments,
): Promise<void> {
  await withMigratedEngine(config, log, async (hw) => {
    const workspaceId = await findWorkspace(hw, workspace);
    const pieces = await openExport(hw, format, { archived, workspaceId });
    if (out === undefined) {
      await pipeline(Readable.from(pieces), process.stdout, { end: false });
      return;
    }
    const temporary = `${out}.${process.pid}.new`;
    try {
      // Where links lead may be told to nobody else.
      await pipeline(Readable.from(pieces), createWriteStream(temporary, { mode: 0o600 }));
      await rename(temporary, out);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  });
}

async function openExport(
  hw: Headwater,
  format: ExportLinksArguments['format'],
  { archived, workspaceId }: { readonly archived: boolean; readonly workspaceId: string },
): Promise<AsyncIterable<string>> {
  if (format === 'snapshot') return hw.links.exportSnapshot({ workspaceId });
  if (format === 'nginx' || format === 'caddy' || format === 'netlify')
    return hw.links.exportStatic(format, { workspaceId });
  const pages = await hw.links.exportAll({ archived }, { workspaceId });
  return linkExportTexts(format, pages, hw.options.links?.scheme ?? 'https');
}

export async function listFolders(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  { workspace }: { readonly workspace?: string },
): Promise<void> {
  const folders = await withMigratedEngine(config, log, async (hw) =>
    hw.links.folders.list({ workspaceId: await findWorkspace(hw, workspace) }),
  );
  if (terminal.json)
    terminal.print(JSON.stringify(folders.map(({ id, name, links }) => ({ id, name, links }))));
  else if (folders.length === 0) terminal.print('There are no folders.');
  else
    terminal.print(
      formatTable(
        ['id', 'name', 'links'],
        folders.map(({ id, name, links }) => [id, name, String(links)]),
      ),
    );
}

/** Renames or deletes a tag where that is asked for, and lists them. */
export async function changeTags(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: TagFlags,
): Promise<void> {
  const tags = await withMigratedEngine(config, log, async (hw) => {
    const inWorkspace = { workspaceId: await findWorkspace(hw, flags.workspace), actor };
    if (flags.rename !== undefined) {
      const [from = '', to = ''] = flags.rename.split('=');
      if (from === '' || to === '')
        throw new CommandFailure('--rename takes old=new', exitCodes.misused);
      const renamed = await hw.links.tags.rename(from, to, inWorkspace);
      if (!renamed.ok) throw refused(renamed);
    }
    if (flags.delete !== undefined) orThrow(await hw.links.tags.delete(flags.delete, inWorkspace));
    return hw.links.tags.list(inWorkspace);
  });
  if (terminal.json) terminal.print(JSON.stringify(tags));
  else if (tags.length === 0) terminal.print('There are no tags.');
  else
    terminal.print(
      formatTable(
        ['tag', 'links'],
        tags.map(({ name, links }) => [name, String(links)]),
      ),
    );
}

export async function showHistory(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  { id, rollBack, workspace }: HistoryFlags & { readonly id: string },
): Promise<void> {
  const versions = await withMigratedEngine(config, log, async (hw) => {
    const inWorkspace = { workspaceId: await findWorkspace(hw, workspace), actor };
    if (rollBack !== undefined) {
      const rolled = await hw.links.rollBack(id, rollBack, inWorkspace);
      if (!rolled.ok) throw refused(rolled);
    }
    const found = await hw.links.history(id, { limit: 200 }, inWorkspace);
    if (!found.ok) throw refused(found);
    return found.value.versions;
  });
  if (terminal.json) terminal.print(JSON.stringify(versions));
  else
    terminal.print(
      formatTable(
        ['version', 'at', 'by', 'what', 'fields'],
        versions.map((version) => [
          version.id,
          version.at.toISOString(),
          version.actor ?? '',
          version.action,
          Object.keys(version.changes).join(', '),
        ]),
      ),
    );
}

/** What the history and the audit log call whoever sits at a terminal. */
export const actor = 'command line';
