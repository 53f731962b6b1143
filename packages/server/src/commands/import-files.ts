import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { addAbortSignal } from 'node:stream';
import type { Readable } from 'node:stream';

import type { Headwater, ImportStream } from 'headwater';

import type { ServerConfig } from '../config.ts';
import { withEngine } from '../engine.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import type { Log } from '../log.ts';
import { findWorkspace } from './find-workspace.ts';

/** One of the inputs of an import. */
export interface ImportFile {
  readonly name: string;
  /** As it stands on the command line: `-` is standard input. */
  readonly path: string;
  readonly stream: ImportStream;
  /** How much of it was read: from 0 to 1, `undefined` where nobody knows its size. */
  readonly share: () => number | undefined;
}

/** Looks at all files before anything begins. */
export function checkFiles(paths: readonly string[]): void {
  if (paths.filter((path) => path === '-').length > 1)
    throw new CommandFailure('standard input (-) can be read once only', exitCodes.misused);
  for (const path of paths) {
    if (path === '-') continue;
    // Named pipes are as good as files.
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) throw new CommandFailure(`there is no file ${path}`);
    if (found.isDirectory()) throw new CommandFailure(`${path} is a folder`, exitCodes.misused);
  }
}

export function openFile(path: string, signal: AbortSignal): ImportFile {
  let bytes = 0;
  const isStandardInput = path === '-';
  const source: Readable = isStandardInput
    ? addAbortSignal(signal, process.stdin)
    : createReadStream(path, { signal });
  const size = isStandardInput ? 0 : statSync(path).size;
  return {
    name: isStandardInput ? 'standard input' : basename(path),
    path,
    stream: counted(),
    share: () => (size === 0 ? undefined : bytes / size),
  };

  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      yield chunk;
    }
  }
}

/** Runs an import that the first SIGINT or SIGTERM ends in order, and the second one at once. */
export async function runImport<T>(
  config: ServerConfig,
  log: Log,
  settings: { readonly workspace?: string },
  work: (hw: Headwater, workspaceId: string, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exitCodes.interrupted);
      process.stderr.write('\nStopping: what is on its way is finished. Once more ends at once.\n');
      controller.abort();
    });
  }
  // Somebody looks on: which file places come from is for the log of a server.
  const quiet: Log = { ...log, info: () => undefined };
  return withEngine(config, quiet, async (hw) => {
    await hw.migrate();
    return work(hw, await findWorkspace(hw, settings.workspace), controller.signal);
  });
}

/** What was wrong with the options or the mapping, one line for each field. */
export function refusedImport(refusal: {
  readonly message: string;
  readonly errors?: Readonly<Record<string, readonly string[]>>;
}): CommandFailure {
  const details = Object.entries(refusal.errors ?? {}).map(
    ([field, messages]) => `${field} ${messages.join(', ')}`,
  );
  return new CommandFailure(
    details.length > 0 ? details.join('\n') : refusal.message,
    exitCodes.misused,
  );
}
