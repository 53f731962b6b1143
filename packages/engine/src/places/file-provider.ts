import { stat } from 'node:fs/promises';

import { describeFault } from '../kernel/describe-fault.ts';
import type { Logger } from '../options.ts';
import { createRecordReader } from './normalise-record.ts';
import type { PlaceNormaliser } from './normalise-record.ts';
import { PlaceFileError, isSameState, openPlaceFile } from './place-file.ts';
import type { FileState, PlaceFile } from './place-file.ts';
import type { PlaceProvider } from './provider.ts';

export interface FileProviderOptions {
  readonly path: string;
  readonly normalise: PlaceNormaliser;
  /** Answers as long as the file cannot be read. */
  readonly fallback: PlaceProvider;
  readonly logger: Logger;
}

/**
 * The places of a file in MaxMind's format. A file that is replaced is taken up; one that cannot be read leaves what
 * was there before in use.
 */
export function createFileProvider(options: FileProviderOptions): PlaceProvider {
  const { path, normalise, fallback, logger } = options;
  const readRecord = createRecordReader(normalise);
  let file: PlaceFile | undefined;
  /** What was read last; reading it again would give the same. */
  let seen: FileState | undefined;
  let complaint: string | undefined;

  async function takeUp(): Promise<void> {
    let state: FileState | undefined;
    try {
      const { ino, size, mtimeMs } = await stat(path);
      state = { inode: ino, size, modifiedAt: mtimeMs };
      if (seen !== undefined && isSameState(seen, state)) return;
      const opened = await openPlaceFile(path);
      ({ file } = opened);
      seen = opened.state;
      complaint = undefined;
      const { databaseType, builtAt } = file;
      logger.info('Places come from the configured file', { path, databaseType, builtAt });
    } catch (error) {
      if (error instanceof PlaceFileError) seen = state;
      complain(error);
    }
  }

  /** Once for each reason: the file is looked at again and again. */
  function complain(error: unknown): void {
    const { code } = error as { readonly code?: unknown };
    const isMissing = code === 'ENOENT';
    const reason = isMissing ? 'missing' : JSON.stringify(describeFault(error));
    if (reason === complaint) return;
    complaint = reason;
    const until = file === undefined ? 'countries are known' : 'the one before stays in use';
    if (isMissing) logger.info(`There is no file of places yet; until then ${until}`, { path });
    else
      logger.warn(`The file of places cannot be read; until then ${until}`, {
        path,
        error: describeFault(error),
      });
  }

  return {
    locate: (address) =>
      file === undefined ? fallback.locate(address) : readRecord(file.find(address)),
    async load() {
      await takeUp();
      if (file === undefined) await fallback.load?.();
    },
    refresh: takeUp,
  };
}
