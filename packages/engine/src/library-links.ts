import type { ListAuditInput } from './audit/list-audit.ts';
import { listAudit } from './audit/list-audit.ts';
import { exportLinks, exportSnapshot, exportStaticRedirects } from './exports/export-links.ts';
import type { StaticFormat } from './exports/static-redirects.ts';
import type { PageInput } from './kernel/page.ts';
import type { On, ReadIn, WriteIn } from './library-scope.ts';
import { archiveLinks, updateLinks } from './links/change-links.ts';
import type { LinkInput } from './links/create-link.ts';
import { duplicateLink } from './links/duplicate-link.ts';
import { getLinkHealth } from './links/get-link-health.ts';
import { linkHistory, rollBackLink } from './links/link-history.ts';
import type { LinkChanges } from './links/link.ts';
import { createFolder, deleteFolder, listFolders, renameFolder } from './links/manage-folders.ts';
import { deleteTag, listTags, renameTag } from './links/manage-tags.ts';
import {
  createUtmTemplate,
  listUtmTemplates,
  removeUtmTemplate,
  updateUtmTemplate,
} from './links/manage-utm-templates.ts';
import type { UtmTemplateInput } from './links/manage-utm-templates.ts';
import { saveLinks } from './links/save-links.ts';
import type { SaveLinksOptions } from './links/save-links.ts';

/** What is done to many links, and around them: `hw.links` has it beside the calls for one link. */
export function createLinkManagementCalls(on: On) {
  return {
    /** Creates, updates or skips up to 1,000 links, each judged by itself. */
    saveMany: (inputs: readonly LinkInput[], options: WriteIn & SaveLinksOptions) =>
      on(options, (scope, workspace) => saveLinks(scope, workspace, inputs, options)),
    updateMany: (
      inputs: ReadonlyArray<{ readonly id: string; readonly changes: LinkChanges }>,
      options?: WriteIn,
    ) => on(options, (scope, workspace) => updateLinks(scope, workspace, inputs, options)),
    archiveMany: (ids: readonly string[], options?: WriteIn) =>
      on(options, (scope, workspace) => archiveLinks(scope, workspace, ids, options)),
    /** Another link with the settings of this one. */
    duplicate: (
      id: string,
      changes: LinkChanges & Pick<LinkInput, 'domain' | 'key'> = {},
      options?: WriteIn,
    ) => on(options, (scope, workspace) => duplicateLink(scope, workspace, id, changes, options)),
    /** What was done to a link, newest first. */
    history: (id: string, input: PageInput = {}, options?: ReadIn) =>
      on(options, (scope, workspace) => linkHistory(scope, workspace, id, input)),
    /** Gives a link the settings back that it had in a version. */
    rollBack: (linkId: string, versionId: string, options?: WriteIn) =>
      on(options, (scope, workspace) =>
        rollBackLink(scope, workspace, { linkId, versionId }, options),
      ),
    health: (id: string, options?: ReadIn) =>
      on(options, (scope, workspace) => getLinkHealth(scope, workspace, id)),
    /** Every link with its counters, a page at a time. */
    exportAll: (input: { readonly archived?: boolean } = {}, options?: ReadIn) =>
      on(options, (scope, workspace) => Promise.resolve(exportLinks(scope, workspace, input))),
    /** The redirects as a file of nginx, Caddy or Netlify, in pieces. */
    exportStatic: (format: StaticFormat, options?: ReadIn) =>
      on(options, (scope, workspace) =>
        Promise.resolve(exportStaticRedirects(scope, workspace, { format })),
      ),
    /** A signed snapshot, in pieces: `openSnapshot` answers from it without a database. */
    exportSnapshot: (options?: ReadIn) =>
      on(options, (scope, workspace) => Promise.resolve(exportSnapshot(scope, workspace))),
    folders: {
      list: (options?: ReadIn) => on(options, listFolders),
      create: (input: { readonly name: string }, options?: WriteIn) =>
        on(options, (scope, workspace) => createFolder(scope, workspace, input, options)),
      rename: (id: string, input: { readonly name: string }, options?: WriteIn) =>
        on(options, (scope, workspace) => renameFolder(scope, workspace, id, input, options)),
      /** Its links stay, in no folder. */
      delete: (id: string, options?: WriteIn) =>
        on(options, (scope, workspace) => deleteFolder(scope, workspace, id, options)),
    },
    tags: {
      list: (options?: ReadIn) => on(options, listTags),
      rename: (from: string, to: string, options?: WriteIn) =>
        on(options, (scope, workspace) => renameTag(scope, workspace, { from, to }, options)),
      delete: (tag: string, options?: WriteIn) =>
        on(options, (scope, workspace) => deleteTag(scope, workspace, tag, options)),
    },
    utmTemplates: {
      list: (options?: ReadIn) => on(options, listUtmTemplates),
      create: (input: UtmTemplateInput & { readonly name: string }, options?: WriteIn) =>
        on(options, (scope, workspace) => createUtmTemplate(scope, workspace, input, options)),
      update: (id: string, input: UtmTemplateInput, options?: WriteIn) =>
        on(options, (scope, workspace) => updateUtmTemplate(scope, workspace, id, input, options)),
      delete: (id: string, options?: WriteIn) =>
        on(options, (scope, workspace) => removeUtmTemplate(scope, workspace, id, options)),
    },
  };
}

/** Who changed what. */
export function createAuditCalls(on: On) {
  return {
    /** Newest first. */
    list: (input: ListAuditInput = {}, options?: ReadIn) =>
      on(options, (scope, workspace) => listAudit(scope, workspace, input)),
  };
}
