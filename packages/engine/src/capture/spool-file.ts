import type { ReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { dirname } from 'node:path';

import type { IncomingEvent } from '../ingest/event.ts';
import type { DescribedFault } from '../kernel/describe-fault.ts';

/** One line of a spool file. */
export interface SpoolEntry {
  readonly event: IncomingEvent;
  /** A prefetched click: it is held until its `hw_click` lands. */
  readonly pending?: boolean;
}

/** One that can never be settled, and why. */
export interface RefusedEntry extends SpoolEntry {
  readonly refused: DescribedFault;
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

/** Adds entries to a file that is never drained. Resolves when they are on the disk. */
export async function putAside(path: string, entries: Iterable<RefusedEntry>): Promise<void> {
  const handle = await open(path, 'a', 0o600);
  try {
    await handle.appendFile(Array.from(entries, (entry) => `${JSON.stringify(entry)}\n`).join(''));
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await syncFolder(dirname(path));
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
export async function readSpoolFile(path: string): Promise<AsyncIterable<SpoolEntry>> {
  const handle = await open(path, 'r');
  return readEntries(handle.createReadStream({ encoding: 'utf8' }));
}

async function* readEntries(input: ReadStream): AsyncGenerator<SpoolEntry> {
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      const entry = parseEntry(line);
      if (entry !== undefined) yield entry;
    }
  } finally {
    input.destroy();
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
