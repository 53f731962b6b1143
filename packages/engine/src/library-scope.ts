import type { Context } from './context.ts';
import type { WriteOptions } from './store/database.ts';
import type { Workspace } from './workspaces/workspace.ts';

/** Which workspace a call means. */
export interface InWorkspace {
  /** @default the first workspace */
  readonly workspaceId?: string;
}

export type WriteIn = InWorkspace & WriteOptions;
/** A read may look inside the host's transaction too: it sees what was written there. */
export type ReadIn = InWorkspace & WriteOptions;

/** Runs a call in the workspace and on the connection that its options name. */
export type On = <T>(
  options: ReadIn | undefined,
  work: (scope: Context, workspace: Workspace) => Promise<T>,
) => Promise<T>;
