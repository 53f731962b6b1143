import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

import { HeadwaterError } from '../kernel/errors.ts';
import type { Address } from './address.ts';

/** A database in MaxMind's format (https://maxmind.github.io/MaxMind-DB/), held in memory. */
export interface PlaceFile extends PlaceFileReport {
  /** The record of the network that the address is in. */
  find(address: Address): unknown;
}

/** What a database says of itself. */
export interface PlaceFileReport {
  /** `GeoLite2-City`, `DBIP-City-Lite`. */
  readonly databaseType: string;
  readonly builtAt: Date;
  readonly bytes: number;
}

/** Which file it was: another one, or one that was written to, differs in one of these. */
export interface FileState {
  readonly inode: number;
  readonly size: number;
  readonly modifiedAt: number;
}

/** The file is no database, or was not complete when it was read. */
export class PlaceFileError extends HeadwaterError {
  override readonly name = 'PlaceFileError';

  constructor(message: string, options?: { cause?: unknown }) {
    super('place_file_unreadable', message, options);
  }
}

/**
 * Reads a whole file and opens it.
 * @throws {PlaceFileError} it is no database, or it changed while it was read.
 * @throws the error of the file system.
 */
export async function openPlaceFile(
  path: string,
): Promise<{ readonly file: PlaceFile; readonly state: FileState }> {
  const handle = await open(path, 'r');
  try {
    const before = await stateOf(handle);
    const content = await handle.readFile();
    const after = await stateOf(handle);
    if (!isSameState(before, after) || content.byteLength !== after.size)
      throw new PlaceFileError('The file is being written.');
    return { file: await parsePlaceFile(content), state: after };
  } finally {
    await handle.close();
  }
}

/** Opens a file only to see what it is; throws as {@link openPlaceFile} does. */
export async function inspectPlaceFile(path: string): Promise<PlaceFileReport> {
  const { databaseType, builtAt, bytes } = (await openPlaceFile(path)).file;
  return { databaseType, builtAt, bytes };
}

async function parsePlaceFile(content: Buffer): Promise<PlaceFile> {
  const { createPlaceReader } = await import('./place-reader.ts');
  try {
    const { databaseType, builtAt, treeBytes, find } = createPlaceReader(content);
    if (!(treeBytes > 0) || treeBytes >= content.byteLength)
      throw new PlaceFileError('The file is not complete.');
    // Damage at the beginning of the tree shows at once.
    for (const text of ['0.0.0.0', '128.0.0.0', '255.255.255.255']) find({ text, family: 4 });
    return { databaseType, builtAt, bytes: content.byteLength, find };
  } catch (error) {
    if (error instanceof PlaceFileError) throw error;
    throw new PlaceFileError("The file is no database in MaxMind's format.", { cause: error });
  }
}

async function stateOf(handle: FileHandle): Promise<FileState> {
  const { ino, size, mtimeMs } = await handle.stat();
  return { inode: ino, size, modifiedAt: mtimeMs };
}

export function isSameState(one: FileState, other: FileState): boolean {
  return (
    one.inode === other.inode && one.size === other.size && one.modifiedAt === other.modifiedAt
  );
}
