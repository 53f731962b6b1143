import { createContext, useContext } from 'react';

import type { WorkspaceResponse } from '@headwater/client/api';

export const WorkspaceContext = createContext<WorkspaceResponse | undefined>(undefined);

/** The workspace that all views below the shell are about. */
export function useWorkspace(): WorkspaceResponse {
  const workspace = useContext(WorkspaceContext);
  if (workspace === undefined) throw new Error('There is no workspace around this component');
  return workspace;
}
