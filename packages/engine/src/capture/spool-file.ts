import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { dirname } from 'node:path';

import type { IncomingEvent } from '../ingest/event.ts';

/** One line of a spool file. */
export interface SpoolEntry {
  readonly event: IncomingEvent;
  /** A prefetched click: it is held until its `hw_click` lands. */
  readonly pending?: boolean;
}

/** An open file that lines are added to. */
export interface SpoolFile {
  readonly path: string;
  readonly openedAt: number;
  lines: number;
  bytes: number;
  /** Resolves when the lines are on the disk. */
  write(text: string, lines: number): Promise<void>;
  close(): Promise<void>;
}

export async function openSpoolFile(path: string): Promise<SpoolFile> {
  const handle = await open(path, 'ax', 0o600);
  try {
    await syncFolder(dirname(path));
  } catch (error) {
    await handle.close();
    throw error;
  }
  return spoolFile(path, handle);
}

function spoolFile(path: string, handle: FileHandle): SpoolFile {
  return {
    path,
    openedAt: performance.now(),
    lines: 0,
    bytes: 0,
    async write(text, lines) {
      const bytes = Buffer.from(text, 'utf8');
      await handle.appendFile(bytes);
      await handle.datasync();
      this.lines += lines;
      this.bytes += bytes.length;
    },
    close: () => handle.close(),
  };
}

/** A new file survives a power cut only when its folder has been synced too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The entries of a file; a line that a crash has torn was never acknowledged and is left out. */
export async function* readSpoolFile(path: string): AsyncGenerator<SpoolEntry> {
  for await (const line of createInterface({
    input: createReadStream(path, 'utf8'),
    crlfDelay: Infinity,
  })) {
    const entry = parseEntry(line);
    if (entry !== undefined) yield entry;
  }
}

export async function countLines(path: string): Promise<number> {
  return (await readFile(path, 'utf8')).split('\n').length - 1;
}

function parseEntry(line: string): SpoolEntry | undefined {
  if (line === '') return undefined;
  try {
    const entry = JSON.parse(line) as SpoolEntry;
    return typeof entry.event.id === 'string' ? entry : undefined;
  } catch {
    return undefined;
  }
}
