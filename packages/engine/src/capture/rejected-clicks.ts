import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';

import type { IncomingEvent } from '../ingest/event.ts';
import { readSpoolFile } from './spool-file.ts';
import type { SpoolEntry } from './spool-file.ts';

/** Has the form of a spool file: under the name of one it is sent again. */
export const rejectedName = 'rejected.ndjson';

/** Takes a person's clicks out of those that were put aside; how many they were. */
export async function dropRejectedClicks(
  folder: string | undefined,
  isTheirs: (event: IncomingEvent) => boolean,
): Promise<number> {
  if (folder === undefined) return 0;
  const path = join(folder, rejectedName);
  const entries = await readSpoolFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
  if (entries === undefined) return 0;
  const kept: SpoolEntry[] = [];
  let dropped = 0;
  for await (const entry of entries) {
    if (isTheirs(entry.event)) dropped += 1;
    else kept.push(entry);
  }
  if (dropped === 0) return 0;
  const draft = `${path}.new`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(draft, path);
  return dropped;
}
