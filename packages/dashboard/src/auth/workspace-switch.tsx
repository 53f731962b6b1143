import { Select } from '@mantine/core';

import { t } from '../messages/messages.ts';
import { useSession, useSessionStore } from '../session/use-session.ts';

/** For who belongs to several workspaces. */
export function WorkspaceSwitch() {
  const sessions = useSessionStore();
  const session = useSession();
  if (session === undefined || session.workspaces.length < 2) return null;
  return (
    <Select
      aria-label={t.auth.workspace}
      size="xs"
      w={180}
      visibleFrom="sm"
      allowDeselect={false}
      data={session.workspaces.map(({ id, name }) => ({ value: id, label: name }))}
      value={session.workspace?.id ?? null}
      onChange={(id) => {
        if (id !== null) sessions.choose(id);
      }}
    />
  );
}
