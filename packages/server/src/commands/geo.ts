import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

import { inspectPlaceFile } from 'headwater';
import type { PlaceFileReport } from 'headwater';

import type { ServerConfig } from '../config.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { fetchArchive, fetchArchiveDigest } from '../maxmind.ts';
import type { MaxMindSource } from '../maxmind.ts';
import { createProgress } from '../progress.ts';
import { extractTarEntry } from '../tar-entry.ts';
import type { Terminal } from '../terminal.ts';

export interface DownloadArguments {
  readonly edition: string;
  readonly to?: string;
  readonly from: string;
  readonly accountId?: string;
  readonly licenseKey?: string;
  readonly force?: boolean;
}

/**
 * Fetches the latest database of places, checks it, and puts it in the place of the one before, whole. A running
 * server takes it up by itself.
 */
export async function downloadPlaces(
  config: ServerConfig,
  terminal: Terminal,
  input: DownloadArguments,
): Promise<void> {
  const source = readSource(config, input);
  const path = input.to === undefined ? config.placeFile : resolve(input.to);
  const digest = await fetchArchiveDigest(source);
  const before = input.force === true ? undefined : await findDownloaded(path);
  const isCurrent = before?.sha256 === digest && before.edition === source.edition;
  if (!isCurrent) await makeFolder(config, dirname(path));
  const report = isCurrent ? before : await download(source, digest, path);
  print(terminal, { ...report, path, changed: !isCurrent, isUsed: path === config.placeFile });
}

interface Downloaded {
  readonly edition: string;
  readonly sha256: string;
  readonly builtAt: string;
  readonly bytes: number;
}

function readSource(config: ServerConfig, input: DownloadArguments): MaxMindSource {
  const accountId = input.accountId ?? config.maxmind.accountId;
  const licenseKey = input.licenseKey ?? config.maxmind.licenseKey;
  if (accountId === undefined || licenseKey === undefined) {
    throw misused(
      'the account id and a license key of MaxMind are needed: MAXMIND_ACCOUNT_ID and MAXMIND_LICENSE_KEY\n' +
        '(an account for GeoLite is free: https://www.maxmind.com/en/geolite2/signup)',
    );
  }
  // The others have no places: ISP, ASN, Anonymous-IP.
  if (!/^[A-Za-z0-9-]*(?:City|Country|Enterprise)[A-Za-z0-9-]*$/.test(input.edition))
    throw misused(
      '--edition is one with places, like GeoLite2-City, GeoIP2-City or GeoLite2-Country',
    );
  const base = URL.parse(input.from);
  if (base === null || !isSafe(base))
    throw misused('--from is an https address; http only on this machine');
  return { edition: input.edition, base, accountId, licenseKey };
}

/** The license key is sent there. */
function isSafe(base: URL): boolean {
  if (base.username !== '' || base.search !== '') return false;
  const isLocal = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(base.hostname);
  return base.protocol === 'https:' || (base.protocol === 'http:' && isLocal);
}

/** Beside the database stands which release it is; that counts as long as it describes what is there. */
async function findDownloaded(path: string): Promise<Downloaded | undefined> {
  try {
    const noted = JSON.parse(await readFile(notePath(path), 'utf8')) as Downloaded;
    const { bytes, builtAt } = await inspectPlaceFile(path);
    return noted.bytes === bytes && noted.builtAt === builtAt.toISOString() ? noted : undefined;
  } catch {
    return undefined;
  }
}

function notePath(path: string): string {
  return `${path}.json`;
}

/** The data folder is its owner's only, whoever makes it. */
async function makeFolder(config: ServerConfig, folder: string): Promise<void> {
  const mode = folder === config.dataFolder ? 0o700 : 0o755;
  await mkdir(folder, { recursive: true, mode });
}

async function download(source: MaxMindSource, digest: string, path: string): Promise<Downloaded> {
  const fresh = join(dirname(path), `.${basename(path)}.${randomUUID()}.new`);
  try {
    const file = await open(fresh, 'wx', 0o644);
    try {
      const actual = await unpack(source, file);
      if (actual !== digest)
        throw new CommandFailure(
          `The download is damaged: its SHA-256 is ${actual}, and ${digest} was announced. Nothing was changed.`,
        );
      await file.sync();
    } finally {
      await file.close();
    }
    const { builtAt, bytes } = await inspect(fresh);
    const note: Downloaded = {
      edition: source.edition,
      sha256: digest,
      builtAt: builtAt.toISOString(),
      bytes,
    };
    await rename(fresh, path);
    await writeFile(notePath(path), `${JSON.stringify(note)}\n`);
    return note;
  } finally {
    await rm(fresh, { force: true });
  }
}

/** Writes the database that the archive holds, and gives the digest of the archive. */
async function unpack(source: MaxMindSource, file: FileHandle): Promise<string> {
  const { chunks, bytes } = await fetchArchive(source);
  const hash = createHash('sha256');
  const progress = createProgress(`Downloading ${source.edition}`);
  let done = 0;
  async function* counted() {
    for await (const chunk of chunks) {
      hash.update(chunk);
      done += chunk.length;
      progress.advance(done, bytes);
      yield chunk;
    }
  }
  try {
    let name: string | undefined;
    await pipeline(Readable.from(counted()), createGunzip(), async (unpacked) => {
      name = await extractTarEntry(
        unpacked as AsyncIterable<Buffer>,
        (candidate) => candidate.endsWith('.mmdb'),
        async (content) => {
          await file.writeFile(content);
        },
      );
    });
    if (name === undefined) throw new CommandFailure('The archive holds no .mmdb file.');
  } catch (error) {
    throw explain(error);
  } finally {
    progress.end();
  }
  return hash.digest('hex');
}

/** Neither gzip nor tar say in their errors what went wrong for the person at the terminal. */
function explain(error: unknown): unknown {
  if (error instanceof CommandFailure || !(error instanceof Error)) return error;
  const isOfDisk = typeof (error as { readonly syscall?: unknown }).syscall === 'string';
  return isOfDisk
    ? error
    : new CommandFailure(`The archive cannot be unpacked: ${error.message}`, undefined, {
        cause: error,
      });
}

async function inspect(path: string): Promise<PlaceFileReport> {
  try {
    return await inspectPlaceFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(`What was downloaded cannot be used: ${reason}`, undefined, {
      cause: error,
    });
  }
}

function print(
  terminal: Terminal,
  result: Downloaded & {
    readonly path: string;
    readonly changed: boolean;
    readonly isUsed: boolean;
  },
): void {
  const { path, edition, builtAt, bytes, sha256, changed, isUsed } = result;
  if (terminal.json) {
    terminal.print(JSON.stringify({ path, edition, built_at: builtAt, bytes, sha256, changed }));
    return;
  }
  const what = `${edition} of ${builtAt.slice(0, 10)}, ${(bytes / 1e6).toFixed(1)} MB`;
  terminal.print(changed ? `${path}: ${what}` : `${path} is the latest already: ${what}`);
  if (!isUsed) terminal.print(`A server uses it with HEADWATER_GEO_FILE=${path}`);
}

function misused(message: string): CommandFailure {
  return new CommandFailure(message, exitCodes.misused);
}
