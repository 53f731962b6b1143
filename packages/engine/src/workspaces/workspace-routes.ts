import { browserProofKey } from '../capture/browser-proof.ts';
import { answer, defineRoute } from '../http/route.ts';
import { updateWorkspace } from './update-workspace.ts';
import {
  browserProofKeyResponse,
  toWorkspaceChanges,
  toWorkspaceRefusal,
  toWorkspaceResponse,
  workspaceResponse,
  workspaceUpdateParams,
} from './workspace-schema.ts';

const get = defineRoute({
  method: 'get',
  path: '/workspace',
  operationId: 'getWorkspace',
  tag: 'Workspace',
  summary: 'The workspace of the credentials',
  scope: 'read',
  responses: { 200: { description: 'The workspace', schema: workspaceResponse } },
  async handle(_context, workspace) {
    return answer(200, toWorkspaceResponse(workspace));
  },
});

const update = defineRoute({
  method: 'patch',
  path: '/workspace',
  operationId: 'updateWorkspace',
  tag: 'Workspace',
  summary: 'Change the workspace',
  scope: 'admin',
  body: workspaceUpdateParams,
  responses: { 200: { description: 'The workspace', schema: workspaceResponse } },
  refusals: ['workspace_not_found', 'slug_taken', 'validation_failed'],
  async handle(context, workspace, { body, options }) {
    const changed = await updateWorkspace(context, workspace, toWorkspaceChanges(body), options);
    return changed.ok
      ? answer(200, toWorkspaceResponse(changed.value))
      : toWorkspaceRefusal(changed);
  },
});

const proofKey = defineRoute({
  method: 'get',
  path: '/workspace/browser-proof-key',
  operationId: 'getBrowserProofKey',
  tag: 'Workspace',
  summary: 'The key of the proofs that a page sends with identify',
  description:
    'For hosts that make the proofs themselves: hex HMAC-SHA256 of the external id, keyed with these bytes. As secret as an API key.',
  scope: 'admin',
  responses: { 200: { description: 'The key', schema: browserProofKeyResponse } },
  async handle(_context, workspace) {
    return answer(200, { key: browserProofKey(workspace) });
  },
});

export const workspaceRoutes = [get, update, proofKey];
