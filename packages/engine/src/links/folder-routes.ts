import { answer, defineRoute } from '../http/route.ts';
import { refuse } from '../kernel/result.ts';
import {
  changedLinksResponse,
  folderIdParams,
  folderParams,
  folderResponse,
  tagNameParams,
  tagParams,
  tagResponse,
  toFolderResponse,
} from './folder-schema.ts';
import { createFolder, deleteFolder, listFolders, renameFolder } from './manage-folders.ts';
import { deleteTag, listTags, renameTag } from './manage-tags.ts';

const list = defineRoute({
  method: 'get',
  path: '/folders',
  operationId: 'listFolders',
  tag: 'Links',
  summary: 'The folders of links, by name',
  scope: 'read',
  responses: { 200: { description: 'The folders', schema: folderResponse.array() } },
  async handle(context, workspace) {
    return answer(200, (await listFolders(context, workspace)).map(toFolderResponse));
  },
});

const create = defineRoute({
  method: 'post',
  path: '/folders',
  operationId: 'createFolder',
  tag: 'Links',
  summary: 'Make a folder for links',
  scope: 'write',
  body: folderParams,
  responses: { 201: { description: 'The folder', schema: folderResponse } },
  refusals: ['validation_failed', 'folder_name_taken'],
  async handle(context, workspace, { body, options }) {
    const created = await createFolder(context, workspace, body, options);
    return created.ok ? answer(201, toFolderResponse(created.value)) : created;
  },
});

const rename = defineRoute({
  method: 'patch',
  path: '/folders/{id}',
  operationId: 'renameFolder',
  tag: 'Links',
  summary: 'Rename a folder',
  scope: 'write',
  params: folderIdParams,
  body: folderParams,
  responses: { 200: { description: 'The folder', schema: folderResponse } },
  refusals: ['validation_failed', 'folder_not_found', 'folder_name_taken'],
  async handle(context, workspace, { params, body, options }) {
    const renamed = await renameFolder(context, workspace, params.id, body, options);
    return renamed.ok ? answer(200, toFolderResponse(renamed.value)) : renamed;
  },
});

const remove = defineRoute({
  method: 'delete',
  path: '/folders/{id}',
  operationId: 'deleteFolder',
  tag: 'Links',
  summary: 'Delete a folder; its links stay, in no folder',
  scope: 'write',
  params: folderIdParams,
  responses: { 200: { description: 'Deleted', schema: changedLinksResponse } },
  refusals: ['folder_not_found'],
  async handle(context, workspace, { params, options }) {
    const deleted = await deleteFolder(context, workspace, params.id, options);
    return deleted.ok ? answer(200, deleted.value) : deleted;
  },
});

const tags = defineRoute({
  method: 'get',
  path: '/tags',
  operationId: 'listTags',
  tag: 'Links',
  summary: 'The tags of links, by name',
  scope: 'read',
  responses: { 200: { description: 'The tags', schema: tagResponse.array() } },
  async handle(context, workspace) {
    return answer(200, await listTags(context, workspace));
  },
});

const retag = defineRoute({
  method: 'patch',
  path: '/tags/{name}',
  operationId: 'renameTag',
  tag: 'Links',
  summary: 'Rename a tag on every link that has it',
  description: 'Where a link has the new one already, the two become one.',
  scope: 'write',
  params: tagNameParams,
  body: tagParams,
  responses: { 200: { description: 'Renamed', schema: changedLinksResponse } },
  refusals: ['validation_failed'],
  async handle(context, workspace, { params, body, options }) {
    const change = { from: params.name, to: body.name };
    const renamed = await renameTag(context, workspace, change, options);
    if (!renamed.ok) return renamed;
    return change.from === change.to ? answer(200, renamed.value) : answerChanged(renamed.value);
  },
});

const untag = defineRoute({
  method: 'delete',
  path: '/tags/{name}',
  operationId: 'deleteTag',
  tag: 'Links',
  summary: 'Take a tag off every link that has it',
  scope: 'write',
  params: tagNameParams,
  responses: { 200: { description: 'Deleted', schema: changedLinksResponse } },
  refusals: ['validation_failed'],
  async handle(context, workspace, { params, options }) {
    const deleted = await deleteTag(context, workspace, params.name, options);
    return deleted.ok ? answerChanged(deleted.value) : deleted;
  },
});

function answerChanged(changed: { readonly links: number }) {
  return changed.links === 0 ? refuse('not_found', 'No link has this tag.') : answer(200, changed);
}

export const folderRoutes = [list, create, rename, remove, tags, retag, untag];
