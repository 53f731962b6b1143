import { createReadStream } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { prepareRedirectLink, toStoredRedirectLink } from './redirect-link.ts';
import type { RedirectLink, StoredRedirectLink } from './redirect-link.ts';

const fileName = 'links.ndjson';

/** Writes the links to `links.ndjson` in the folder, whole or not at all. Returns how many there are. */
export async function saveSnapshot(folder: string, links: Iterable<RedirectLink>): Promise<number> {
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `${fileName}.${crypto.randomUUID()}.new`);
  const lines = Array.from(links, (link) => `${JSON.stringify(toStoredRedirectLink(link))}\n`);
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(lines.join(''));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(folder, fileName));
  return lines.length;
}

/** The links of the last snapshot; none where there is no file. Lines that cannot be read are left out. */
export async function loadSnapshot(folder: string): Promise<readonly RedirectLink[]> {
  const links: RedirectLink[] = [];
  try {
    for await (const line of createInterface({
      input: createReadStream(join(folder, fileName), 'utf8'),
    })) {
      const link = readLine(line);
      if (link !== undefined) links.push(link);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return links;
}

function readLine(line: string): RedirectLink | undefined {
  try {
    return prepareRedirectLink(JSON.parse(line) as StoredRedirectLink);
  } catch {
    return undefined;
  }
}
