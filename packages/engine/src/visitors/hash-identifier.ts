import { hmac } from '../security/keyring.ts';
import type { Workspace } from '../workspaces/workspace.ts';

/** The hash under which an identifier is stored: keyed by the workspace, 16 bytes of HMAC-SHA256. */
export function hashIdentifier(workspace: Workspace, kind: string, value: string): Buffer {
  return hmac(workspace.dataKey, `identity\0${kind}\0${value}`).subarray(0, 16);
}
