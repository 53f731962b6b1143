import type { Headwater } from 'headwater';

import { CommandFailure, exitCodes } from '../failure.ts';

/**
 * The id of the workspace that a command means by an id or a slug; the first one without a name.
 * @throws {CommandFailure} there is none.
 */
export async function findWorkspace(hw: Headwater, name: string | undefined): Promise<string> {
  if (name === undefined) return (await hw.workspaces.first()).id;
  for (let offset = 0; ; offset += 200) {
    const page = await hw.workspaces.list({ limit: 200, offset });
    if (!page.ok || page.value.length === 0)
      throw new CommandFailure(`there is no workspace ${name}`, exitCodes.misused);
    const found = page.value.find(({ id, slug }) => id === name.toLowerCase() || slug === name);
    if (found !== undefined) return found.id;
  }
}
